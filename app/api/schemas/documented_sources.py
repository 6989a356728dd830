"""What the interface's document says of the answers of /v1/sources."""

from app.api.schemas import documented as doc
from app.api.schemas.sources import OrderedOut, SourceOut, SourcesOut

_NOT_THERE: doc.Responses = {404: {**doc.SHOWN[404], "description": "There is no such source"}}
LISTED: doc.Responses = {200: {"model": SourcesOut}}
SHOWN: doc.Responses = {200: {"model": SourceOut}, **_NOT_THERE}
ORDERED: doc.Responses = {202: {"model": OrderedOut}, **_NOT_THERE}
