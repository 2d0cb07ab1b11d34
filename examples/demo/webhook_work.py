"""What a worker does with a payload: the same rule in both languages (webhook_worker.mjs has it, too)."""


def cannot_handle(payload: dict) -> str | None:
    """Why this payload cannot be handled, or None. Some events concern no repository, or nobody sent them."""
    if not payload.get("repository"):
        return "no repository"
    if not (payload.get("sender") or {}).get("login"):
        return "no sender"
    return None
