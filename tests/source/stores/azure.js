// Azurite's blob service, which speaks the protocol of Azure Blob Storage and checks signatures, on a free port and with
// nothing on disk that outlives it. Says where it listens, and ends when standard input does, that is with the process
// that started it.
//
//   node azure.js NODE_MODULES
'use strict';

const { createHmac } = require('node:crypto');
const { createRequire } = require('node:module');
const path = require('node:path');

const [modules] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(modules), 'azurite/package.json'));
const { default: BlobConfiguration } = load('./dist/src/blob/BlobConfiguration');
const { default: BlobServer } = load('./dist/src/blob/BlobServer');
const { SharedChunkStore } = load('./dist/src/common/persistence/MemoryExtentStore');

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));

// Port 0 is a free one. No logs, no certificate, everything in memory.
const configuration = new BlobConfiguration(
  '127.0.0.1', 0, 5, '', '', [], false, undefined, false, undefined,
  false, true, '', '', '', undefined, true, true, SharedChunkStore,
);
// The account and the key of every Azurite.
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

// Makes a container: the tests' own client has no need to.
async function make(url, container) {
  const headers = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2023-11-03' };
  const named = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join('');
  const text = `PUT${'\n'.repeat(12)}${named}/${ACCOUNT}/${ACCOUNT}/${container}\nrestype:container`;
  const signature = createHmac('sha256', Buffer.from(KEY, 'base64')).update(text).digest('base64');
  headers.authorization = `SharedKey ${ACCOUNT}:${signature}`;
  const answer = await fetch(`${url}/${ACCOUNT}/${container}?restype=container`, { method: 'PUT', headers });
  if (answer.status !== 201) throw new Error(`status ${answer.status}: ${await answer.text()}`);
}

const server = new BlobServer(configuration);
server
  .start()
  .then(async () => {
    const url = `http://127.0.0.1:${server.httpServer.address().port}`;
    await make(url, 'published');
    console.log(`listening on ${url}`);
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
