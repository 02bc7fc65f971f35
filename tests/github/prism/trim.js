// Cuts GitHub's own description of its REST API down to the operations that Rollgate uses, with all that these refer
// to, and lays GitHub's examples of their answers beside it.
//
//   node trim.js DESCRIPTION OUTPUT_FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const OPERATIONS = [
  ['get', '/user'],
  ['get', '/repos/{owner}/{repo}/commits/{ref}'],
  ['post', '/repos/{owner}/{repo}/statuses/{sha}'],
  ['get', '/repos/{owner}/{repo}/commits/{ref}/statuses'],
  ['post', '/repos/{owner}/{repo}/check-runs'],
  ['get', '/repos/{owner}/{repo}/check-runs/{check_run_id}'],
  ['patch', '/repos/{owner}/{repo}/check-runs/{check_run_id}'],
  ['get', '/repos/{owner}/{repo}/commits/{ref}/check-runs'],
  ['get', '/repos/{owner}/{repo}/issues/{issue_number}/comments'],
  ['post', '/repos/{owner}/{repo}/issues/{issue_number}/comments'],
  ['get', '/repos/{owner}/{repo}/issues/comments/{comment_id}'],
  ['patch', '/repos/{owner}/{repo}/issues/comments/{comment_id}'],
  ['get', '/repos/{owner}/{repo}/issues/{issue_number}/events'],
  ['get', '/repos/{owner}/{repo}/collaborators/{username}/permission'],
  ['get', '/repos/{owner}/{repo}/commits/{commit_sha}/pulls'],
  ['get', '/repos/{owner}/{repo}/pulls'],
  ['get', '/repos/{owner}/{repo}/pulls/{pull_number}'],
  ['get', '/repos/{owner}/{repo}/compare/{basehead}'],
  ['get', '/repos/{owner}/{repo}/git/commits/{commit_sha}'],
  ['get', '/repos/{owner}/{repo}/git/trees/{tree_sha}'],
  ['get', '/repos/{owner}/{repo}/git/blobs/{file_sha}'],
];

const [description, folder] = process.argv.slice(2);
const whole = JSON.parse(fs.readFileSync(description, 'utf8'));
const examples = {};
const paths = {};

function target(reference) {
  return reference.slice(2).split('/').reduce((at, part) => at[part.replace(/~1/g, '/').replace(/~0/g, '~')], whole);
}

for (const [method, template] of OPERATIONS) {
  const operation = whole.paths[template] && whole.paths[template][method];
  if (!operation) throw new Error(`the description has no ${method} ${template}`);
  paths[template] ??= whole.paths[template].parameters ? { parameters: whole.paths[template].parameters } : {};
  const responses = {};
  for (const [status, given] of Object.entries(operation.responses)) {
    const response = given.$ref ? target(given.$ref) : given;
    const json = response.content && response.content['application/json'];
    if (json && status.startsWith('2')) {
      const [first] = Object.values(json.examples ?? {});
      if (first) examples[`${method} ${template}`] = (first.$ref ? target(first.$ref) : first).value;
    }
    responses[status] = given;
  }
  paths[template][method] = { ...operation, responses };
}

// That blobs come as bytes if they are asked for so is said in prose only. Prism reads whatever ends with `+json` as
// JSON, so the fake one gives them their other name.
const blob = paths['/repos/{owner}/{repo}/git/blobs/{file_sha}'].get.responses['200'];
blob.content['application/vnd.github.raw'] = { schema: { type: 'string' } };

// What is said for people only would make the description several times as long.
const DROPPED = new Set(['examples', 'example', 'description', 'externalDocs', 'x-github', 'x-multi-segment']);
const components = {};
function keep(value, isMap) {
  if (Array.isArray(value)) return value.map((item) => keep(item, false));
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$ref === 'string') {
    const [, , kind, name] = value.$ref.split('/');
    components[kind] ??= {};
    if (!(name in components[kind])) {
      components[kind][name] = null;
      components[kind][name] = keep(target(value.$ref), false);
    }
    return { $ref: value.$ref };
  }
  const kept = {};
  for (const [key, member] of Object.entries(value)) {
    // The members of a map have names, which may be the same words.
    if (!isMap && DROPPED.has(key)) continue;
    kept[key] = keep(member, !isMap && ['properties', 'patternProperties', 'headers', 'content'].includes(key));
  }
  return kept;
}

const trimmed = { openapi: whole.openapi, info: whole.info, paths: keep(paths, true), components };
// A response has to have a description.
for (const operations of Object.values(trimmed.paths)) {
  for (const operation of Object.values(operations)) {
    for (const response of Object.values(operation.responses ?? {})) {
      if (!response.$ref) response.description = '';
    }
  }
}
for (const response of Object.values(components.responses ?? {})) response.description = '';

fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'description.json'), JSON.stringify(trimmed));
fs.writeFileSync(path.join(folder, 'examples.json'), JSON.stringify(examples));
