import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { readArguments } from '../../src/cf-plugin/cf/options.ts';
import { isCommandName } from '../../src/cli/command-table.ts';
import { chosenCommand } from '../../src/cli/commands.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { keptStreams } from '../kept-streams.ts';
import { documentedCommands } from './documented-commands.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'manifests/**/*.md'], { cwd: root });

describe('the commands of a page', () => {
  it('are found in blocks, in sentences, in tables and in other commands', () => {
    const { rollcall, plugin } = documentedCommands(PAGE);
    expect(rollcall.map((words) => words.join(' '))).to.deep.equal([
      'status --format html',
      'explain HANDLE',
      'capture --settle 30s',
      'sensors',
      'check',
      'ack HANDLE --reason moved by the scanner --by NAME',
      'check --all',
      'mounts',
      'drill --for 30m',
    ]);
    expect(plugin).to.deep.equal([
      ['--output', 'json'],
      ['--cell', 'CELL'],
    ]);
  });

  it('fail if the program does not have them', async () => {
    expect(await refusal(['chekc'])).to.match(/Unknown command/);
    expect(await refusal(['check', '--setle', '2s'])).to.match(/Unknown argument/);
    expect(await refusal(['status', '--format', 'htm'])).not.to.equal(null);
    expect(pluginRefusal(['--expect-cels', 'N'])).not.to.equal(null);
  });

  for (const page of PAGES)
    it(`are those that the program has: ${page}`, async () => {
      const { rollcall, plugin } = documentedCommands(readFileSync(path.join(root, page), 'utf8'));
      for (const words of rollcall.filter(isParsed))
        expect(await refusal(words), words.join(' ')).to.equal(null);
      for (const words of plugin.filter(isParsed))
        expect(pluginRefusal(words), words.join(' ')).to.equal(null);
    });
});

const PAGE = `
Run \`rollcall check
--all\` or \`rollcall mounts\`; rollcall compares.

| a | \`bosh ssh GROUP -c 'sudo /var/vcap/packages/rollcall/bin/rollcall drill --for 30m' \\| cat\` |

    $ rollcall check                # not: rollcall mounts
    rollcall ack HANDLE --reason 'moved by the scanner' --by NAME
    rollcall: a message

\`\`\`
npm run --silent rollcall -- status --format html >cell.html
cd /tmp && rollcall explain HANDLE | tail; time rollcall capture --settle 30s
CF_HOME=$home cf rollcall-status --output json | jq .
sudo rollcall sensors
\`\`\`

\`cf rollcall-status --cell CELL\`, \`rollcall\`
`;

/** Placeholders for all arguments, and options that yargs or cf answers itself. */
const NOT_PARSED = new Set(['COMMAND', 'ARGS', '…', '$@', '--help', '--version']);
const isParsed = (words: readonly string[]): boolean => !words.some((word) => NOT_PARSED.has(word));

/** The program's message about the arguments, or null if it would run them. A name alone may lack some. */
async function refusal(words: readonly string[]): Promise<string | null> {
  const [name = '', ...others] = words;
  if (isCommandName(name) && others.length === 0) return null;
  try {
    await chosenCommand(words, { ...keptStreams(), isTty: false, columns: 80, env: {} });
    return null;
  } catch (error) {
    if (error instanceof KnownFailure) return error.message;
    throw error;
  }
}

function pluginRefusal(words: readonly string[]): string | null {
  try {
    readArguments(words.map((word) => (word === 'N' ? '250' : word)));
    return null;
  } catch (error) {
    if (error instanceof KnownFailure) return error.message;
    throw error;
  }
}
