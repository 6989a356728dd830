"""What /v1/verifications/…/eligibility answers besides what it is for."""

from app.api.schemas.documented import CHANGED, Responses

ELIGIBILITY: Responses = {404: CHANGED[404]}
