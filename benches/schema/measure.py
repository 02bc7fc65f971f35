#!/usr/bin/env python3
"""Runs programs on pairs of descriptions, one at a time, and prints how long they took. Called by benches/schema/run."""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

FAMILY = os.path.join(os.path.dirname(__file__), "family.py")
BEGIN, END = "<!-- descriptions: begin -->", "<!-- descriptions: end -->"


class Run:
    """One process: wall time, the most memory that it had at once, and what became of it."""

    def __init__(self, command, limit, output):
        with open(output, "wb") as file:
            started = time.monotonic()
            child = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            self.is_late = False

            def stop():
                self.is_late = True
                os.kill(child.pid, signal.SIGKILL)

            timer = threading.Timer(limit, stop)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            timer.cancel()
            self.wall = time.monotonic() - started
        # Waited for already: Popen must not wait again.
        child.returncode = os.waitstatus_to_exitcode(status)
        self.code = child.returncode
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024


class Runs:
    """Runs of one program on one pair."""

    def __init__(self, command, limit, folder, codes):
        self.command, self.limit, self.codes = command, limit, codes
        self.output = os.path.join(folder, "output")
        self.runs, self.findings, self.said = [], None, ""

    def once_more(self):
        # What did not finish in time would not the second time either.
        if self.runs and self.fault():
            return
        run = Run(self.command, self.limit, self.output)
        self.runs.append(run)
        if self.findings is None and not self.fault():
            self.findings = count(self.output)
            with open(self.output, "rb") as file:
                self.said = file.read(64).decode(errors="replace")

    def fault(self):
        last = self.runs[-1]
        if last.is_late:
            return f"stopped after {self.limit:.0f} s, {last.peak:,.0f} MB"
        if last.code not in self.codes:
            return "exits with an error"
        return None

    def wall(self):
        return statistics.median(run.wall for run in self.runs)

    def cpu(self):
        return statistics.median(run.cpu for run in self.runs)

    def peak(self):
        return max(run.peak for run in self.runs)

    def cell(self):
        return self.fault() or f"{duration(self.wall())}, {self.peak():,.0f} MB, {self.findings[0]:,}"


# Findings, how often operations meet them, and how many there are that say different things.
COUNT = r"""
import re, sys
text = open(sys.argv[1], "rb").read()
findings = text.count(b'{"id":"')
met = [int(number) for number in re.findall(rb'"operation_count":(\d+)', text)]
said = set(re.findall(rb'{"id":"([^"]*)","text":"((?:[^"\\]|\\.)*)"', text))
print(findings, sum(max(number, 1) for number in met) if met else findings, len(said) if said else findings)
"""


def count(path):
    """What the output of either program has. Not in this process: what it once held counts as memory of those that it
    starts."""
    counted = subprocess.run([sys.executable, "-c", COUNT, path], stdout=subprocess.PIPE, check=True)
    return tuple(int(number) for number in counted.stdout.split())


def duration(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def ratio(ours, theirs):
    if ours.fault() or theirs.fault():
        return ""
    times = ours.wall() / theirs.wall()
    return f"1/{1 / times:.1f}" if times < 0.95 else f"{times:.1f}"


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.found = options, folder, []

    def ours(self, base, revision):
        command = [self.options.binary, "schema", "diff", "--format", "json", base, revision]
        return Runs(command, self.options.limit, self.folder, (0, 1))

    def peer(self, base, revision):
        command = [self.options.peer, "changelog", "-f", "json", base, revision]
        return Runs(command, self.options.limit, self.folder, (0,))

    def reading(self, base, revision):
        return Runs([self.options.reading, base, revision], self.options.limit, self.folder, (0,))

    def rounds(self, *programs):
        # In turns, so that what else the machine does meets all of them.
        for _ in range(self.options.rounds):
            for program in programs:
                program.once_more()

    def pairs(self):
        """Name, base and revision of each real pair."""
        for name in sorted(os.listdir(self.options.specs)):
            pair = os.path.join(self.options.specs, name)
            if not os.path.isdir(pair) or (self.options.pairs and name not in self.options.pairs.split(",")):
                continue
            files = sorted(os.path.join(pair, file) for file in os.listdir(pair))
            yield name, *(next(f for f in files if os.path.basename(f).startswith(s)) for s in ("base", "revision"))

    def read(self, ours, reading):
        """Cells of the mere reading: its time, and our share of it."""
        is_refused = "refused" in reading.said
        cell = f"{duration(reading.wall())}{', refuses a file' if is_refused else ''}"
        return f"{cell} | {'' if is_refused else ratio(ours, reading)}"

    def same(self):
        yield "| description | Rollgate | reading | Rollgate / reading |"
        yield "|---|---|---|---|"
        for name, _, revision in self.pairs():
            ours, reading = self.ours(revision, revision), self.reading(revision, revision)
            self.rounds(ours, reading)
            size = f"2 x {os.path.getsize(revision) / 1e6:.1f} MB"
            yield f"| {name} ({size}) | {ours.cell()} | {self.read(ours, reading)} |"

    def real(self):
        name = self.options.peer_name
        yield f"| pair | Rollgate | {name} | Rollgate / {name.split()[0]} | reading | Rollgate / reading |"
        yield "|---|---|---|---|---|---|"
        for name, base, revision in self.pairs():
            sizes = " -> ".join(f"{os.path.getsize(file) / 1e6:.1f}" for file in (base, revision))
            ending = os.path.splitext(base)[1][1:].upper()
            ours, peer, reading = self.ours(base, revision), self.peer(base, revision), self.reading(base, revision)
            self.rounds(ours, reading, peer)
            self.found.append((name, ours, peer))
            yield (
                f"| {name} ({sizes} MB {ending}) | {ours.cell()} | {peer.cell()} | {ratio(ours, peer)} | {self.read(ours, reading)} |"
            )

    def findings(self):
        yield f"| pair | Rollgate: changes | as operations meet them | {self.options.peer_name}: findings | saying different things |"
        yield "|---|---|---|---|---|"
        for name, ours, peer in self.found:
            (changes, met, _), (findings, _, said) = (runs.findings or ("", "", "") for runs in (ours, peer))
            cells = (f"{number:,}" if number != "" else "" for number in (changes, met, findings, said))
            yield f"| {name} | {' | '.join(cells)} |"

    def generated(self):
        yield f"| scale | operations x components | files | Rollgate | its time per operation | {self.options.peer_name} |"
        yield "|---|---|---|---|---|---|"
        is_late = False
        scales = [int(scale) for scale in self.options.scales.split(",")]
        largest = [self.options.largest] if self.options.largest else []
        for scale in scales + largest:
            written = subprocess.run(
                [sys.executable, FAMILY, str(scale), self.folder], stdout=subprocess.PIPE, check=True
            )
            sizes = json.loads(written.stdout)
            base, revision = (os.path.join(self.folder, f"{side}.json") for side in ("base", "revision"))
            ours, peer = self.ours(base, revision), self.peer(base, revision)
            if is_late or scale in largest:
                self.rounds(ours)
                told = "not tried"
            else:
                self.rounds(ours, peer)
                told = peer.cell()
                is_late = peer.fault() is not None
            each = "" if ours.fault() else f"{ours.wall() / sizes['operations'] * 1e6:.0f} µs"
            size = f"2 x {os.path.getsize(base) / 1e6:.1f} MB"
            shape = f"{sizes['operations']:,} x {sizes['components']:,}"
            yield f"| {scale} | {shape} | {size} | {ours.cell()} | {each} | {told} |"


def report(options):
    cores, before = os.cpu_count(), os.getloadavg()[0]
    lines = ["Real descriptions, two versions of each:", ""]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, folder)
        parts = (
            bench.real(),
            ["", "What was found:", ""],
            bench.findings(),
            ["", "The revision of each against itself:", ""],
            bench.same(),
            ["", "The generated family:", ""],
            bench.generated(),
        )
        for part in parts:
            for line in part:
                lines.append(line)
                print(line, file=sys.stderr, flush=True)
    load = max(before, os.getloadavg()[0])
    if load > cores:
        lines += [
            "",
            f"Other work shared the machine (load average {load:.0f} on {cores} cores): times are longer than they would be "
            "alone, and only the ratios count.",
        ]
    return "\n".join(lines)


def write(path, text):
    with open(path, encoding="utf-8") as file:
        page = file.read()
    between = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not between.search(page):
        sys.exit(f"{path} has no {BEGIN} and {END} to write between")
    with open(path, "w", encoding="utf-8") as file:
        file.write(between.sub(lambda _: f"{BEGIN}\n{text}\n{END}", page))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("binary", "peer", "peer-name", "reading", "specs"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120)
    parser.add_argument("--scales", default="1,2,4,8,16,32,64")
    parser.add_argument("--largest", type=int, default=448)
    parser.add_argument("--pairs", default="")
    parser.add_argument("--write", metavar="PAGE")
    options = parser.parse_args()
    text = report(options)
    print(text)
    if options.write:
        write(options.write, text)


main()
