from typing import Any

from loans import services
from panel.api import current, scheduled, today


@scheduled("loans.remind", cron="10 7 * * *")
def remind(run: Any) -> dict[str, Any]:
    """Remind the holders of what is overdue."""
    identity = current()
    assert identity is not None
    return {"reminded": services.mark_overdue(identity.institution, today())}
