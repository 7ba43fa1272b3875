// The core from its source, for `npm run dev`: the `sandpost` command would take the built one.

// Under `node --watch` each thread tells its parent what it imports, which the store would take for an answer of its
// writer. The whole folder is watched in any case.
delete process.env.WATCH_REPORT_DEPENDENCIES;
const { main } = await import('../core/cli.ts');

process.exitCode = await main(process.argv.slice(2));
