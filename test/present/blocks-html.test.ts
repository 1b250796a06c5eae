import { expect } from 'chai';
import {
  commands,
  facts,
  heading,
  listed,
  sentence,
  steps,
  table,
  type Block,
} from '../../src/present/document/blocks.ts';
import { sectionHtml } from '../../src/present/page/blocks-html.ts';

const MARKUP = '<b title="x">&';
const ESCAPED = '&lt;b title=&quot;x&quot;&gt;&amp;';

/** Where a line breaks means nothing outside of a command. */
const shown = (...blocks: readonly Block[]): string =>
  sectionHtml({ id: 'part', title: 'A part', blocks }).toString().replaceAll(/\s+/g, ' ');

describe('blocks on the page', () => {
  it('are steps in a list, each with its action, its command and what its result decides', () => {
    const page = shown(
      steps([{ action: 'Ask.', command: `echo '${MARKUP}'`, result: 'Then wait.' }]),
    );
    expect(page).to.contain(
      `<ol class="steps"> <li> <p>Ask.</p> <pre><code>echo &#39;${ESCAPED}&#39;</code></pre> <p class="quiet">Then wait.</p> </li> </ol>`,
    );
  });

  it('are commands that stand as they are typed', () => {
    expect(shown(commands(['ls -l', 'ps']))).to.contain(
      '<pre><code>ls -l</code></pre><pre><code>ps</code></pre>',
    );
  });

  it('escape every text, and isolate those that others chose', () => {
    const block = table([0], [{ title: MARKUP, cell: () => ({ text: MARKUP, isCode: true }) }], {
      id: 'a-table',
      caption: MARKUP,
    });
    for (const page of [
      shown(block),
      shown(sentence(MARKUP)),
      shown(listed(MARKUP, '')),
      shown(facts([[MARKUP, { text: MARKUP }]])),
      shown(heading([{ text: MARKUP, tone: 'critical' }])),
    ]) {
      expect(page).to.contain(ESCAPED);
      expect(page).to.not.contain('<b ');
    }
    expect(shown(block)).to.contain(`<code><bdi>${ESCAPED}</bdi></code>`);
  });

  it('name a row by one of its cells, and each cell by its column, for a narrow window', () => {
    const columns = [
      { title: 'Name', cell: () => 'a' },
      { title: 'Pids', align: 'right', cell: () => '1' },
    ] as const;
    const page = shown(table([0], columns, { id: 'a-table', caption: 'All' }));
    expect(page).to.match(/<th role="rowheader" scope="row" data-title="Name" ?> ?a ?<\/th>/);
    expect(page).to.match(/<td role="cell" data-title="Pids" class="number" ?> ?1 ?<\/td>/);
    expect(page).to.contain('id="a-table" role="region" aria-label="All" tabindex="0"');
  });

  it('belong to the heading above them', () => {
    const page = shown(heading([{ text: 'One' }], 'warning'), sentence('It is so.'));
    expect(page).to.match(
      /<article class="warning" aria-labelledby="part-1">.*It is so\..*<\/article>/,
    );
  });
});
