"""Pictures of numbers, drawn on the server: `time_chart`, `multiples`, `spark`. Why: docs/adr/0019."""

from ulinzi.web.charts.numbers import Unit
from ulinzi.web.charts.pictures import Chart, Multiples, Small, Spark, file_of, multiples, spark, time_chart
from ulinzi.web.charts.samples import Sample, samples
from ulinzi.web.charts.series import Point, Series
from ulinzi.web.charts.sheet import Sheet, csv_file, safe

__all__ = [
    "Chart",
    "Multiples",
    "Point",
    "Sample",
    "Series",
    "Sheet",
    "Small",
    "Spark",
    "Unit",
    "csv_file",
    "file_of",
    "multiples",
    "safe",
    "samples",
    "spark",
    "time_chart",
]
