"""The report of a rehearsal: JSON for programs, one HTML file with drawn figures for people."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from applications import reconcile
from config import clock
from payouts.models import Message, Payout
from rehearsal.crowd import Crowd, Failure
from rehearsal.judge import Verdict
from rehearsal.promises import Promise

PARTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
WIDTH = 640  # of the drawn bars


@dataclass
class Report:
    """What one run found."""

    coupons: int
    seed: int
    began: datetime
    ended: datetime
    promises: list[Promise] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    books: reconcile.Books | None = None
    erased: list[dict[str, Any]] = field(default_factory=list)
    latencies: dict[str, dict[str, float]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    failed: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether all of it held: promises, every coupon, every visit, the erasing."""
        erased = all(line["done"] and line["books"] and not line["left"] for line in self.erased)
        promised = all(promise.holds for promise in self.promises) and bool(self.promises)
        return promised and self.verdict.agrees and not self.failed and erased

    def gather(self, crowd: Crowd, office: Counter[str]) -> None:
        """Latencies by journey, failures, counts."""
        for journey, times in sorted(crowd.times.items()):
            ordered = sorted(times)
            figures = {
                name: round(ordered[min(int(len(ordered) * part), len(ordered) - 1)], 3)
                for name, part in PARTS.items()
            }
            self.latencies[journey] = {"journeys": len(times), **figures}
        self.failures, self.failed = crowd.failures, crowd.failed
        self.counts = dict(office)
        self.counts["requests"] = crowd.requests.total()
        self.counts["payouts"] = Payout.objects.count()
        self.counts["messages"] = Message.objects.count()

    def figures(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "holds": self.holds,
            "coupons": self.coupons,
            "seed": self.seed,
            "from": self.began.isoformat(),
            "until": self.ended.isoformat(),
            "seconds": round(self.seconds, 1),
            "counts": self.counts,
            "books": self.book_lines(),
            "paid": [
                {"road": paid.road, "payouts": paid.payouts, "reported": paid.reported}
                for paid in self.paid_lines()
            ],
            "sealed_yen": self.books.sealed_yen if self.books else 0,
            "model": asdict(self.verdict),
            "promises": [{**asdict(promise), "holds": promise.holds} for promise in self.promises],
            "latencies": self.latencies,
            "failed": self.failed,
            "failures": [asdict(failure) for failure in self.failures],
            "erased": self.erased,
            "scenes": {words: round(spent, 1) for words, spent in self.spent.items()},
        }

    def book_lines(self) -> list[dict[str, Any]]:
        """The first book: each bucket with count and yen."""
        if self.books is None:
            return []
        found = {bucket: self.books.total(bucket) for bucket in reconcile.BUCKETS}
        return [
            {"bucket": bucket, "items": count, "yen": yen} for bucket, (count, yen) in found.items()
        ]

    def paid_lines(self) -> list[reconcile.Paid]:
        """Second and third book by road, over all offices."""
        sums: dict[str, list[int]] = {}
        for paid in self.books.paid if self.books else []:
            found = sums.setdefault(paid.road, [0, 0])
            found[0] += paid.payouts
            found[1] += paid.reported
        return [reconcile.Paid("", road, *found) for road, found in sorted(sums.items())]

    def write(self, folder: Path) -> None:
        """report.json and report.html."""
        folder.mkdir(parents=True, exist_ok=True)
        figures = self.figures()
        told = json.dumps(figures, ensure_ascii=False, indent=1)
        (folder / "report.json").write_text(told + "\n", encoding="utf-8")
        slowest = max((each["p99"] for each in self.latencies.values()), default=1.0)
        most = max((line["yen"] for line in figures["books"]), default=1) or 1
        context = {
            "report": figures,
            "at": clock.real_now(),
            "money": bars(
                [(line["bucket"].replace("_", " "), line["yen"]) for line in figures["books"]], most
            ),
            "times": [
                (name, each, *(round(each[part] / slowest * WIDTH, 1) for part in PARTS))
                for name, each in self.latencies.items()
            ],
            "width": WIDTH,
        }
        page = render_to_string("rehearsal/report.html", context)
        (folder / "report.html").write_text(page, encoding="utf-8")

    def told(self) -> str:
        """The end of the run in some lines."""
        broken = [
            f"promise {each.number} ({each.words}): {each.breaches[:3]}"
            for each in self.promises
            if not each.holds
        ]
        lines = [
            f"{len(self.promises) - len(broken)} of {len(self.promises)} promises hold",
            *broken,
        ]
        lines.append(
            f"{self.verdict.coupons:,} coupons foretold, {len(self.verdict.differences)} differ"
        )
        lines += [
            f"  {number}: {said}, found {found}"
            for number, said, found in self.verdict.differences[:10]
        ]
        lines.append(f"{self.failed} visits failed")
        lines += [
            f"  {each.journey}: {each.what} ({each.status} {each.path})"
            for each in self.failures[:10]
        ]
        lines += [
            f"  erasing: {line}"
            for line in self.erased
            if not (line["done"] and line["books"] and not line["left"])
        ]
        lines.append(f"{'HELD' if self.holds else 'BROKEN'} in {self.seconds:.0f} s")
        return "\n".join(lines)


def bars(values: list[tuple[str, int]], most: int) -> list[tuple[str, int, float]]:
    """Each name and value with the length of its bar."""
    return [(name, value, round(value / most * WIDTH, 1)) for name, value in values]
