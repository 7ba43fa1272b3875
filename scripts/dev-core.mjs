// The core from its source, for `npm run dev`: the `sandpost` command would take the built one.
import { main } from '../core/cli.ts';

process.exitCode = await main(process.argv.slice(2));
