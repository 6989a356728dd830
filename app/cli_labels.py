"""`hedui matching export-labels`: what reviewers decided, for the matching to learn from."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.keys import field_cipher
from app.review.labels import labels_of, write_labels
from app.settings import Settings
from app.store.migrate import sync_engine
from app.store.review_decisions import ReviewDecisions

console = Console(stderr=True)


def export_labels(
    out: Annotated[Path, typer.Option(help="Where the labels go, as CSV.")],
) -> None:
    """Decided pairs of persons and records, as `calibrate` and `reliability` read them. 导出标注"""
    settings = Settings()
    decisions = ReviewDecisions(field_cipher(settings))
    engine = sync_engine(settings.database)
    try:
        with engine.connect() as connection, out.open("w", encoding="utf-8") as file:
            count = write_labels(file, labels_of(decisions.labels(connection)))
    except OSError as error:
        console.print(f"[red]hedui:[/red] {out}: {error.strerror}", highlight=False)
        raise typer.Exit(2) from None
    finally:
        engine.dispose()
    console.print(f"{count} labels in {out}")
