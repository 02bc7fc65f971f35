// Prism as a proxy before a fake GitHub: a request that GitHub's description forbids is answered with 422 and goes no
// further, and an answer that it forbids becomes a 500 that names the violation. Ends when standard input does, that
// is with the process that started it.
//
//   node serve.js NODE_MODULES DESCRIPTION UPSTREAM
'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');

const [modules, description, upstream] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(modules), '@stoplight/prism-cli/package.json'));
const { createLogger } = load('@stoplight/prism-core');
const { getHttpOperationsFromSpec } = load('@stoplight/prism-http');
const { createServer } = load('@stoplight/prism-http-server');

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));

getHttpOperationsFromSpec(description)
  .then(async (operations) => {
    const server = createServer(operations, {
      cors: false,
      config: {
        isProxy: true,
        upstream: new URL(upstream),
        upstreamProxy: undefined,
        validateRequest: true,
        validateResponse: true,
        checkSecurity: true,
        errors: true,
        mock: { dynamic: false },
      },
      components: { logger: createLogger('prism', { level: 'silent' }) },
    });
    console.log(`listening on ${await server.listen(0, '127.0.0.1')}`);
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
