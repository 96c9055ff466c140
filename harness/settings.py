"""The base of every frozen settings model, and the sentences its validation errors turn into."""

from __future__ import annotations

from functools import partial
from types import UnionType
from typing import Annotated, Any, Literal, LiteralString, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from harness.errors import ConfigError, listed, nearest
from harness.yamlfile import Location, YamlFile

_Model = TypeVar("_Model", bound="Settings")

_PLAIN = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}


def _refuse_true(schema: Any) -> None:
    """Let no number of a schema take true or false. Text such as 1e-5, which is no number to YAML 1.1, stays one."""
    if isinstance(schema, dict):
        function = schema.get("function")
        if isinstance(function, dict) and function.get("function") in _NUMBERS.values():
            return  # done already, as part of a smaller model
        for part in schema.values():
            _refuse_true(part)
        if (kind := schema.get("type")) in ("int", "float"):
            inner = dict(schema)
            schema.clear()
            schema.update(core_schema.no_info_before_validator_function(_NUMBERS[kind], inner))
    elif isinstance(schema, list | tuple):
        for part in schema:
            _refuse_true(part)


def _no_bool(value: Any, kind: LiteralString) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError(kind, "must be a number")
    return value


_NUMBERS: dict[str, Any] = {
    "int": partial(_no_bool, kind="int_type"),
    "float": partial(_no_bool, kind="float_type"),
}


class Settings(BaseModel):
    """Frozen settings; an unknown key is an error, and so are infinities, NaN, and true where a number is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """As pydantic has it, but to Python true is 1, and ``depth: true`` would be a depth of 1."""
        schema = handler(source)
        _refuse_true(schema)
        return schema


def build(model: type[_Model], content: Any, file: YamlFile, location: Location = ()) -> _Model:
    """Validate one part of a YAML file. Raises ConfigError with file, line and the nearest valid key."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [_sentence(model, content, file, location, detail) for detail in error.errors()]
        first, *others = dict.fromkeys(problems)
        raise ConfigError(first, others) from None


def _sentence(model: type[Settings], content: Any, file: YamlFile, at: Location, detail: Any) -> str:
    kind, given = detail["type"], detail["input"]
    path = _without_tags(tuple(detail["loc"]), content, keep_last=kind in ("missing", "extra_forbidden"))
    where = f"{file.where((*at, *path))}: "
    dotted = ".".join(str(part) for part in (*at, *path))
    if kind == "extra_forbidden":
        valid = _keys(model, path[:-1], given=content)
        key = str(path[-1])
        return f"{where}unknown key {key!r}{nearest(key, valid)}; valid keys here are {listed(valid)}"
    if kind == "missing":
        return f"{where}key {str(path[-1])!r} is missing"
    if kind in _PLAIN:
        return f"{where}{dotted} must be {_PLAIN[kind]}, not {_shown(given)}"
    if kind == "too_short":
        context = detail["ctx"]
        return f"{where}{dotted} has {context['actual_length']} entries; it needs {context['min_length']} or more"
    if kind == "literal_error":
        valid = _choices(model, path)
        return f"{where}{dotted} is {_shown(given)}{nearest(str(given), valid)}; valid are {listed(valid)}"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        key = detail["ctx"]["discriminator"].strip("'")
        valid = _choices(model, (*path, key))
        if kind == "union_tag_not_found":
            return f"{where}{dotted}: key {key!r} is missing; valid are {listed(valid)}"
        tag = detail["ctx"]["tag"]
        return f"{where}{dotted}.{key} is {tag!r}{nearest(tag, valid)}; valid are {listed(valid)}"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if message.startswith("Input "):
        message = f"{message.removeprefix('Input ')}, not {_shown(given)}"
        return f"{where}{dotted} {message}"
    return f"{where}{dotted + ': ' if dotted else ''}{message}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _without_tags(path: Location, content: Any, *, keep_last: bool) -> Location:
    """Drop from an error's path the names pydantic adds for the branch of a union."""
    real: list[str | int] = []
    for i, part in enumerate(path):
        inside = (isinstance(content, dict) and part in content) or (
            isinstance(content, list) and isinstance(part, int) and part < len(content)
        )
        if inside:
            content = content[part]
            real.append(part)
        elif keep_last and i == len(path) - 1:
            real.append(part)
    return tuple(real)


def _branches(annotation: Any) -> list[Any]:
    """Return the alternatives of a union, through Annotated."""
    if get_origin(annotation) is Annotated:
        return _branches(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [branch for inner in get_args(annotation) for branch in _branches(inner)]
    return [annotation]


def _at(annotation: Any, path: Location) -> list[Any]:
    """Return every annotation that a value at a path of keys may be checked against."""
    branches = _branches(annotation)
    for part in path:
        deeper: list[Any] = []
        for branch in branches:
            origin, inner = get_origin(branch), get_args(branch)
            if origin is dict:
                deeper += _branches(inner[1])
            elif origin in (tuple, list) and inner:
                deeper += _branches(inner[0])
            elif isinstance(branch, type) and issubclass(branch, Settings):
                for name, field in branch.model_fields.items():
                    if part == (field.alias or name):
                        deeper += _branches(field.annotation)
        branches = deeper
    return branches


def _keys(model: type[Settings], path: Location, given: Any) -> list[str]:
    """Return the keys valid at a path; of several alternatives, those of the one most like what was given."""
    for part in path:
        given = given[part]
    candidates = [
        [field.alias or name for name, field in branch.model_fields.items()]
        for branch in _at(model, path)
        if isinstance(branch, type) and issubclass(branch, Settings)
    ]
    return max(candidates, key=lambda keys: len(set(keys) & set(given)), default=[])


def _choices(model: type[Settings], path: Location) -> list[str]:
    choices = (
        str(choice)
        for branch in _at(model, path)
        if get_origin(branch) is Literal
        for choice in get_args(branch)
    )
    return list(dict.fromkeys(choices))  # several forms may have one key
