#!/usr/bin/env python3
"""Measures one rule in several languages on one snapshot, and prints what it cost. Called by benches/policy/run."""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import time

BEGIN, END = "<!-- policies: begin -->", "<!-- policies: end -->"
METRICS, SAMPLES = 20, 60
POLICIES = ("rust", "js", "python", "rego")
ROUNDS = 25
# How long the evaluations of one language take in one round, in µs: what else a machine does changes more slowly.
ROUND_US = 50_000
# A call of native Rust is over before a clock could tell: so many for one of the others.
CALLS_OF_NATIVE = 100
RULES = {"regorus": "benches/policy/drift.rego", "cel": "benches/policy/drift.cel"}


def arm(metric, shift):
    """Samples that differ, all finite, around one level; the same every time."""
    series = [round(0.01 + 0.001 * math.sin(metric + tick) + shift, 9) for tick in range(SAMPLES)]
    return {
        "requests": 1000 * SAMPLES,
        "bad": 10 * SAMPLES,
        "value": round(sum(series) / SAMPLES, 9),
        "series": series,
        "missing": 0,
        "observed-ms": 15_000 * SAMPLES,
        "bucket-edges": [],
        "bucket-counts": [],
    }


def snapshot():
    """20 metrics of two arms of 60 samples: nothing has drifted, so every sample is read and the canary goes on."""
    metric = lambda at: {
        "name": "errors" if at == 0 else f"metric-{at:02}",
        "kind": "ratio",
        "unit": "1",
        "direction": "lower-is-better",
        "margin": 1.2,
        "floor": None,
        "baseline": arm(at, 0),
        "canary": arm(at, 0.0001),
        "comparison": {"ratio": 1.01},
        "state": "ok",
        "facts": [],
    }
    return {
        "context": {
            "service": "web",
            "environment": None,
            "run-id": "run",
            "baseline-revision": None,
            "canary-revision": None,
            "commit": None,
            "actor": None,
            "event": None,
            "labels": [],
            "now-ms": 1_700_000_000_000,
            "utc-offset-seconds": 0,
        },
        "position": {
            "stage": "canary",
            "step": 0,
            "steps": 3,
            "weight": 10,
            "elapsed-ms": 900_000,
            "step-elapsed-ms": 900_000,
            "step-duration-ms": 900_000,
            "min-bake-ms": 0,
            "deadline-ms": 1_700_003_600_000,
            "looks": 0,
        },
        "metrics": [metric(at) for at in range(METRICS)],
        "health": [],
        "schema": None,
        "history": [],
        "budget": None,
        "facts": [],
    }


def policy(options, name, file):
    """One policy in this program, by its own `policy bench`."""
    path = os.path.join(options.folder, f"{name}.wasm")
    command = [options.binary, "policy", "bench", path, "--alone", "--snapshot", file, "--format", "json"]
    command += ["--calls", str(options.calls), "--starts", str(options.starts)]
    [one] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["policies"]
    assert one["answer"] == "advance", one
    return {
        "cold": [one["cold-start-us"][key] / 1e3 for key in ("median", "fastest", "slowest")],
        "warm": one["evaluation-ns"] / 1e3,
        "look": one["look-us"]["median"] / 1e3,
        "peak": one["process-bytes"],
        "size": os.path.getsize(path),
        "compiler": one["compiler"],
        "fuel": one["fuel"],
    }


def peer(options, name, file):
    """One peer: a process of its own from its start to the answer, and calls within one."""

    def run(calls):
        command = [options.peers, name, file, str(calls)] + ([RULES[name]] if name in RULES else [])
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, command
        said = json.loads(said)
        assert said["answer"] == "advance", said
        return said, wall * 1e3, usage.ru_maxrss * 1024

    starts = [run(0) for _ in range(options.starts)]
    walls = sorted(wall for _, wall, _ in starts)
    said, _, _ = run(options.calls * (CALLS_OF_NATIVE if name == "native" else 1))
    return {
        "cold": [statistics.median(walls), walls[0], walls[-1]],
        "warm": said["evaluation-ns"] / 1e3,
        "handed": said["handed-over-ns"] / 1e3,
        "json": said["from-json-ns"] / 1e3,
        "peak": max(peak for _, _, peak in starts),
        "size": os.path.getsize(RULES.get(name, options.peers)),
    }


def again(options, file, measured):
    """Measures short evaluations anew, in turn and each for as long, and keeps the medians: what else a machine does weighs on
    them. How far the policy is ahead of regorus is the median over the rounds, in each of which regorus follows at once."""
    # The policy's evaluations are the last that its process does, those of regorus the first.
    order = dict.fromkeys(("rust", "regorus", *measured))
    short = [name for name in order if measured[name]["warm"] < 1000]
    seen = {name: [] for name in short}
    for _ in range(ROUNDS):
        for name in short:
            calls = math.ceil(ROUND_US / measured[name]["warm"] / (CALLS_OF_NATIVE if name == "native" else 1))
            few = argparse.Namespace(**{**vars(options), "starts": 1, "calls": calls})
            seen[name].append((policy if name in POLICIES else peer)(few, name, file))
    for name in short:
        warm = [one["warm"] for one in seen[name]]
        measured[name]["warm-spread"] = (min(warm), max(warm))
        for figure in ("warm", "handed"):
            if figure in measured[name]:
                measured[name][figure] = statistics.median(one[figure] for one in seen[name])
    for figure in ("warm", "handed"):
        pairs = zip(seen["regorus"], seen["rust"], strict=True)
        measured["rust"][f"ahead-{figure}"] = sorted(peer[figure] / policy["warm"] for peer, policy in pairs)


def us(value):
    return f"{value:.2f} µs" if value < 10 else f"{value:.0f} µs" if value < 1000 else f"{value / 1000:.2f} ms"


def ms(value):
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:.2f} s"


def bytes_of(count):
    if count < 1 << 10:
        return f"{count} B"
    return f"{count / 1024:.1f} KiB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MiB"


def verdict(value, bound, unit):
    return f"{unit(value)}, aim {unit(bound)}: " + ("met" if value <= bound else f"missed by {value / bound:.1f}")


def table(measured):
    lines = [
        "| | cold start to verdict | fastest, slowest | warm evaluation | a second | a look | most memory | artifact |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    names = {
        "native": "native Rust",
        "rust": "Rust, as a policy",
        "js": "JavaScript (QuickJS), as a policy",
        "python": "Python, as a policy",
        "rego": "Rego compiled by OPA, as a policy",
        "regorus": "Rego in regorus",
        "cel": "CEL, with a mean that the host gives it",
    }
    for name, title in names.items():
        one = measured[name]
        cold, fastest, slowest = one["cold"]
        look = us(one["look"] * 1e3) if "look" in one else "-"
        lines.append(
            f"| {title} | {ms(cold)} | {ms(fastest)}, {ms(slowest)} | {us(one['warm'])} "
            f"| {1e6 / one['warm']:,.0f} | {look} | {bytes_of(one['peak'])} | {bytes_of(one['size'])} |"
        )
    rust, js, rego = measured["rust"], measured["js"], measured["regorus"]
    ahead, handed = rust["ahead-warm"], rust["ahead-handed"]
    times = lambda ratios: f"{statistics.median(ratios):.1f} times"
    fastest, slowest = rust["warm-spread"]
    lines += [
        "",
        f"With the snapshot as JSON text, native Rust takes {us(measured['native']['json'])}, "
        f"regorus {us(rego['json'])} and CEL {us(measured['cel']['json'])}. Where the snapshot is handed over for each call, as "
        f"a policy gets it, regorus takes {us(rego['handed'])}.",
        "",
        "| aim | |",
        "|---|---|",
        f"| cold start of a policy in Rust | {verdict(rust['cold'][0], 60, ms)} |",
        f"| cold start of a policy in JavaScript | {verdict(js['cold'][0], 600, ms)} |",
        f"| warm evaluation of a policy in Rust | {verdict(rust['warm'], 30, us)}; from {us(fastest)} to {us(slowest)} |",
        f"| the policy in Rust ahead of regorus | {times(ahead)}, aim 5 times: "
        + ("met" if statistics.median(ahead) >= 5 else "missed")
        + f"; from {ahead[0]:.1f} to {ahead[-1]:.1f} times |",
        f"| the same with the snapshot handed over to both | {times(handed)} |",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=9)
    parser.add_argument("--write", metavar="PAGE")
    options = parser.parse_args()
    file = os.path.join(options.folder, "snapshot.json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(snapshot(), out)
    measured = {name: peer(options, name, file) for name in ("native", "regorus", "cel")}
    measured |= {name: policy(options, name, file) for name in POLICIES}
    again(options, file, measured)
    text = table(measured)
    print(text)
    if options.write:
        with open(options.write, encoding="utf-8") as page:
            page = page.read()
        between = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
        if not between.search(page):
            raise SystemExit(f"{options.write} has no {BEGIN} and {END} to write between")
        with open(options.write, "w", encoding="utf-8") as out:
            out.write(between.sub(lambda _: f"{BEGIN}\n{text}\n{END}", page))


if __name__ == "__main__":
    main()
