"""The ledger's own tables. Written by store.py alone; everything but node, feed, entry and part is derived."""

from __future__ import annotations

from django.db import models

from ulinzi.ledger.shapes import CODE_LENGTH


class Node(models.Model):
    """This node: one row, locked last by every write."""

    id = models.IntegerField(primary_key=True)
    code = models.CharField(max_length=CODE_LENGTH)
    key = models.BinaryField()
    incarnation = models.BinaryField()
    incarnations = models.IntegerField()
    written = models.BigIntegerField()
    hlc = models.BigIntegerField()
    counter = models.BigIntegerField()


class Compartment(models.Model):
    """Who may hold what."""

    code = models.CharField(max_length=CODE_LENGTH, primary_key=True)


class Feed(models.Model):
    """One chain: what one incarnation of one node wrote in one compartment. `tick` moves with every commit."""

    no = models.AutoField(primary_key=True)
    feed = models.BinaryField(unique=True)
    node_key = models.BinaryField()
    incarnation = models.BinaryField()
    compartment = models.CharField(max_length=CODE_LENGTH)
    own = models.BooleanField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    seal = models.BinaryField()
    tick = models.BigIntegerField()


class Entry(models.Model):
    """The head of an entry, without what can be recomputed: prev is the hash before, digests come from the parts."""

    pk = models.CompositePrimaryKey("feed", "seq")
    feed = models.IntegerField()
    seq = models.BigIntegerField()
    hlc = models.BigIntegerField()
    unit = models.BinaryField()
    hash = models.BinaryField()
    seal = models.BinaryField(null=True)


class Part(models.Model):
    """A part: body and salt, or the digest alone once they are erased."""

    pk = models.CompositePrimaryKey("feed", "seq", "part")
    feed = models.IntegerField()
    seq = models.BigIntegerField()
    part = models.IntegerField()
    type = models.SmallIntegerField()
    record = models.BinaryField(null=True)
    salt = models.BinaryField(null=True)
    body = models.BinaryField(null=True)
    digest = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["record"], name="ledger_part_record")]


class Tombstone(models.Model):
    """What was erased, for ever. `group` 0 is everything. Scope 1 is a person's name on entries."""

    id = models.AutoField(primary_key=True)
    scope = models.SmallIntegerField()
    compartment = models.CharField(max_length=CODE_LENGTH)
    subject = models.BinaryField(db_index=True)
    group = models.IntegerField()


class Conflict(models.Model):
    """Derived: a group of a record with more than one leaf whose values differ."""

    id = models.AutoField(primary_key=True)
    record = models.UUIDField(db_index=True)
    root = models.UUIDField(db_index=True)
    model = models.CharField(max_length=80)
    compartment = models.CharField(max_length=CODE_LENGTH)
    group = models.CharField(max_length=CODE_LENGTH)
    leaves = models.TextField()


class FoundProblem(models.Model):
    """Derived: what a merge brought about and somebody has to see."""

    id = models.AutoField(primary_key=True)
    record = models.UUIDField(db_index=True)
    root = models.UUIDField(db_index=True)
    model = models.CharField(max_length=80)
    compartment = models.CharField(max_length=CODE_LENGTH)
    by_rule = models.BooleanField()
    code = models.CharField(max_length=CODE_LENGTH)
    detail = models.CharField(max_length=200)


class Access(models.Model):
    """The access log: who looked at what, for which purpose. Its own hash chain; it never goes down, only up.

    `body` is what the chain hashes; the other columns are copies of it to search by. `slot` is the quarter of an hour
    that several looks share; None where each is written by itself.
    """

    seq = models.BigIntegerField(primary_key=True)
    body = models.BinaryField()
    hash = models.BinaryField()
    seal = models.BinaryField(null=True)
    actor = models.UUIDField(db_index=True)
    object = models.CharField(max_length=120, db_index=True)
    purpose = models.CharField(max_length=80)
    slot = models.BigIntegerField(null=True)


LEDGER_TABLES = tuple(
    model._meta.db_table for model in (Node, Compartment, Feed, Entry, Part, Tombstone, Conflict, FoundProblem, Access)
)
