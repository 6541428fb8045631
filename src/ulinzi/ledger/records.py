"""Record: the base of every domain model. Its columns come from the app's Shape; only the fold writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models

from ulinzi.ledger.shapes import CODE_LENGTH, Field, Shape

_BY_LABEL: dict[str, Shape] = {}
_BY_NUMBER: dict[int, Shape] = {}
_MODELS: dict[str, type[Record]] = {}


class Ref(models.ForeignKey):
    """A reference that never stops a fold: no constraint, may be empty, may point at what is not here."""

    def __init__(self, to: Any, **options: Any) -> None:
        fixed = {"db_constraint": False, "null": True, "on_delete": models.DO_NOTHING}
        super().__init__(to, **{"related_name": "+", **options, **fixed})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        for fixed in ("db_constraint", "null", "on_delete"):
            options.pop(fixed, None)
        return name, path, args, options


class Record(models.Model):
    """Derived from the ledger, disposable, rebuilt by `ulinzi ledger rebuild`."""

    id = models.UUIDField(primary_key=True)
    compartment = models.CharField(max_length=CODE_LENGTH)
    conflict = models.BooleanField()
    newer = models.BooleanField()
    erased = models.CharField(max_length=200)
    problems = models.IntegerField()  # that merging brought about in this record
    breaches = models.IntegerField()  # that the app's rules see in the aggregate

    class Meta:
        abstract = True

    shape: Shape

    def save(self, *args: Any, **options: Any) -> None:
        raise TypeError("Records are written by ledger.unit()")

    def delete(self, *args: Any, **options: Any) -> Any:
        raise TypeError("Records are erased by ledger.unit()")


def record(shape: Shape) -> Callable[[type[Record]], type[Record]]:
    """Class decorator: gives a model the columns of its shape and enters both in the registry."""

    def declare(model: type[Record]) -> type[Record]:
        model.shape = shape
        if shape.root:
            model.add_to_class("root", Ref(shape.root, related_name=shape.label.rsplit(".")[-1].lower() + "s"))
        for one in shape.fields:
            model.add_to_class(one.name, _column(one))
        for derived in shape.derived:
            model.add_to_class(derived.name, _column(Field(0, derived.name, derived.type, derived.max_length)))
        _BY_LABEL[shape.label] = _BY_NUMBER[shape.number] = shape
        _MODELS[shape.label] = model
        return model

    return declare


def _column(one: Field) -> models.Field[Any, Any]:
    if one.type == "ref":
        return Ref(one.to, db_index=False)  # an index is declared where a question needs one
    if one.type == "person":
        return models.UUIDField(null=True)
    if one.type in ("int", "time"):
        return models.BigIntegerField(null=True)
    if one.type == "bool":
        return models.BooleanField(null=True)
    if one.type == "bytes":
        return models.BinaryField(null=True)
    if one.type == "code":
        return models.CharField(max_length=CODE_LENGTH, null=True)
    return models.TextField(null=True)  # text, and codes as a JSON list: the same bytes on both databases


def shapes() -> list[Shape]:
    return sorted(_BY_LABEL.values(), key=lambda shape: shape.number)


def shape_of(label: str) -> Shape:
    return _BY_LABEL[label]


def shape_numbered(number: int) -> Shape | None:
    return _BY_NUMBER.get(number)


def model_of(label: str) -> type[Record]:
    return _MODELS[label]


def table_names() -> set[str]:
    return {model._meta.db_table for model in _MODELS.values()}
