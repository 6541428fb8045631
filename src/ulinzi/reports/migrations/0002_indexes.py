from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages", "0002_indexes"),
        ("network", "0001_initial"),
        ("places", "0002_base_community"),
        ("reports", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["source"], name="reports_source"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["message"], name="reports_message"),
        ),
    ]
