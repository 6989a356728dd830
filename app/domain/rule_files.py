"""Rules in a file of YAML, whole and in their shape, or refused with file and place."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.domain import yaml_text
from app.domain.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


def read(shape: type[M], path: Path) -> M:
    """Raises `ConfigurationError`."""
    try:
        return shape.model_validate(yaml_text.load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {type(error).__name__}") from None
    except yaml.YAMLError:
        raise ConfigurationError(f"{path} is not YAML") from None
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{path}: {place}: {first['msg']}") from None
