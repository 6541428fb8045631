from __future__ import annotations

from django.db import models


class Job(models.Model):
    """Something to do outside a request. Not a Record: it belongs to this node and to nobody's memory.

    `waiting_key` is the key for as long as nobody has taken the job up: asking twice then is asking once.
    `tries` is also the fence: a worker whose lease ended cannot finish what another has taken over.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    waiting_key = models.CharField(max_length=202, null=True, unique=True)
    arguments = models.TextField()
    run_at = models.BigIntegerField()
    state = models.CharField(max_length=12)
    tries = models.IntegerField()
    lease_until = models.BigIntegerField(null=True)
    worker = models.CharField(max_length=40)
    stop_asked = models.BooleanField()
    done = models.BigIntegerField()
    total = models.BigIntegerField()
    result = models.TextField()
    error = models.CharField(max_length=80)
    asked_by = models.UUIDField(null=True)
    made_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "run_at"], name="jobs_job_due")]
