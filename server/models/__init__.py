"""All tables, as SQLAlchemy 2 mapped classes."""

from server.models.access import Attempt, Budget, BudgetUse, CallToken, PhoneAccess, Pin
from server.models.audit import AuditHead, AuditRow
from server.models.base import Base
from server.models.call_backs import CallBack
from server.models.calls import Call, CallNote, Holiday, Turn, WeeklyNotice
from server.models.educators import (
    Activity,
    Application,
    Educator,
    Letter,
    License,
    RequiredDocument,
)
from server.models.service_texts import OfficeHours, PromptVersion
from server.models.users import OutboxNotice, User, WebSession

__all__ = [
    "Activity",
    "Application",
    "Attempt",
    "AuditHead",
    "AuditRow",
    "Base",
    "Budget",
    "BudgetUse",
    "Call",
    "CallBack",
    "CallNote",
    "CallToken",
    "Educator",
    "Holiday",
    "Letter",
    "License",
    "OfficeHours",
    "OutboxNotice",
    "PhoneAccess",
    "Pin",
    "PromptVersion",
    "RequiredDocument",
    "Turn",
    "User",
    "WebSession",
    "WeeklyNotice",
]
