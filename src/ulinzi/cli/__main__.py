import sys

from ulinzi.cli import main

sys.exit(main())
