from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages", "0001_initial"),
        ("network", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["compartment", "ended_at"], name="messages_ended"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["source"], name="messages_source"),
        ),
    ]
