"""The fold never fails on data: what a Record table may not have, because one odd row would stop every later one.

No UNIQUE but the id, no CHECK, no foreign key in the database; references may be empty and may point at nothing.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.test.utils import isolate_apps

from tests.repo import tree
from ulinzi.ledger.records import Record, Ref, model_of, shapes

CHECKED = {*SQLite.data_type_check_constraints, *PostgreSQL.data_type_check_constraints}
BOOKKEEPING = {field.name for field in Record._meta.local_fields}  # filled by the fold itself, never empty
HARD = re.compile(r"\b(UNIQUE|CHECK|REFERENCES)\b")


def record_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, Record)]


def objections(model: type[models.Model]) -> list[str]:
    """What in a Record model could stop a fold."""
    found = [*about_table(model)]
    for field in model._meta.local_fields:
        found += [f"{field.name}: {text}" for text in about_column(field)]
    return found


def about_table(model: type[models.Model]) -> Iterator[str]:
    meta = model._meta
    if meta.constraints or meta.unique_together:
        yield "the table has constraints"
    if meta.local_many_to_many:
        yield "many-to-many: links are child Records"
    if any(hasattr(field, "ct_field") for field in meta.private_fields):
        yield "a generic foreign key names tables by a number that differs between nodes"
    if meta.pk.name != "id":
        yield "the key is not the id"


def about_column(field: Any) -> Iterator[str]:
    if field.unique and field.name != "id":
        yield "unique"
    if field.get_internal_type() in CHECKED:
        yield "this type brings a check constraint"
    if not field.null and field.name not in BOOKKEEPING:
        yield "may not be empty"
    if isinstance(field, models.ForeignKey):
        yield from about_reference(field)


def about_reference(field: Any) -> Iterator[str]:
    if not isinstance(field, Ref):
        yield "a reference is a ledger Ref"
    if field.db_constraint:
        yield "a foreign key in the database"
    if field.remote_field.on_delete is not models.DO_NOTHING:
        yield "deletes by itself"


def hard_words(model: type[models.Model]) -> set[str]:
    """What the database itself would enforce, read from the statement that makes the table."""
    statement, _ = connection.SchemaEditorClass(connection, collect_sql=True).table_sql(model)
    return set(HARD.findall(statement))


def undeclared(model: type[models.Model]) -> set[str]:
    """Columns that no Shape classifies."""
    shape = getattr(model, "shape", None)
    if shape is None:
        return {"*"}
    declared = {
        *BOOKKEEPING,
        *(one.name for one in (*shape.fields, *shape.derived)),
        *(["root"] if shape.root else []),
    }
    return {field.name for field in model._meta.get_fields() if field.concrete} ^ declared


def layers() -> list[str]:
    """Apps from the highest to the lowest, as .importlinter has them."""
    contracts = configparser.ConfigParser()
    contracts.read(tree.ROOT / ".importlinter")
    return re.findall(r"\w+", contracts["importlinter:contract:layers"]["layers"])


def points_up(model: type[models.Model], order: list[str]) -> list[str]:
    """References to an app above: string ones too, which import-linter does not see."""
    places = {label: place for place, label in enumerate(order)}
    references = [field for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]
    mine = places[model._meta.app_label]
    return [field.name for field in references if places[field.related_model._meta.app_label] < mine]


def test_record_models_cannot_stop_a_fold():
    assert record_models()
    assert {model._meta.label: wrong for model in record_models() if (wrong := objections(model))} == {}


def test_record_tables_enforce_nothing():
    assert {model._meta.label: words for model in record_models() if (words := hard_words(model))} == {}


def test_every_column_of_a_record_is_declared_in_its_shape():
    assert {model._meta.label: names for model in record_models() if (names := undeclared(model))} == {}


def test_every_shape_has_its_table():
    assert {shape.label for shape in shapes()} == {model._meta.label for model in record_models()}
    assert [shape.label for shape in shapes() if model_of(shape.label)._meta.label != shape.label] == []


def test_references_point_downward():
    own = [model for model in apps.get_models() if model.__module__.startswith("ulinzi.")]
    assert {model._meta.label: up for model in own if (up := points_up(model, layers()))} == {}


@isolate_apps("ulinzi.desk")
def test_control_everything_that_could_stop_a_fold_is_found():
    class Place(Record):
        class Meta:
            app_label = "desk"

    class Bad(Record):
        number = models.TextField(null=True, unique=True)
        count = models.PositiveIntegerField(null=True)
        word = models.TextField()
        hard = models.ForeignKey(Place, models.CASCADE, null=True)
        places = models.ManyToManyField(Place)

        class Meta:
            app_label = "desk"
            constraints = (models.CheckConstraint(condition=models.Q(word="x"), name="only_x"),)

    assert sorted(objections(Bad)) == [
        "count: this type brings a check constraint",
        "hard: a foreign key in the database",
        "hard: a reference is a ledger Ref",
        "hard: deletes by itself",
        "many-to-many: links are child Records",
        "number: unique",
        "the table has constraints",
        "word: may not be empty",
    ]
    assert hard_words(Bad) == {"UNIQUE", "CHECK", "REFERENCES"}
    assert undeclared(Bad) == {"*"}


@isolate_apps("ulinzi.desk")
def test_control_a_ref_passes():
    class Place(Record):
        class Meta:
            app_label = "desk"

    class Good(Record):
        place = Ref(Place)
        note = models.TextField(null=True)

        class Meta:
            app_label = "desk"

    assert objections(Good) == []
    assert hard_words(Good) == set()


@isolate_apps("ulinzi.desk", "ulinzi.places")
@pytest.mark.parametrize(("app", "found"), [("places", ["task"]), ("desk", [])])
def test_control_a_reference_upward_is_found(app, found):
    class Work(Record):
        class Meta:
            app_label = "desk"

    class Thing(Record):
        task = Ref(Work)

        class Meta:
            app_label = app

    assert points_up(Thing, ["desk", "places"]) == found
