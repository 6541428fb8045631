from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0002_folded"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["state", "compartment", "due_at"], name="desk_task_due"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["finished_at"], name="desk_task_finished"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(condition=models.Q(("conflict", True)), fields=["compartment"], name="desk_task_torn"),
        ),
    ]
