"""What the interface's document says of figures of the office's own work."""

from typing import Final

from app.api.schemas import documented as doc
from app.api.schemas.figures import AgreedBySourceOut, CalibrationOut, WorkloadOut

WORKLOAD: Final[doc.Responses] = {200: {"model": WorkloadOut}, 422: doc.JUDGED[422]}
AGREEMENT: Final[doc.Responses] = {200: {"model": AgreedBySourceOut}, 422: doc.JUDGED[422]}
CALIBRATION: Final[doc.Responses] = {200: {"model": CalibrationOut}, 422: doc.JUDGED[422]}
