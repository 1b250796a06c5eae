import { expect } from 'chai';
import { anyText } from '../any-text.ts';
import { asHandle } from '../../src/model/ids.ts';
import * as fc from 'fast-check';
import { pageHashes, pageHeaders } from '../../src/agent/page-headers.ts';
import type { AgentState } from '../../src/model/agent-state.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import { contentSecurityPolicy } from '../../src/present/page/refresh-script.ts';
import { escapeHtml, html } from '../../src/present/page/html.ts';
import { pageHtml, reportPageHtml } from '../../src/present/page/page.ts';
import { withDrill } from '../../src/reconcile/container-report.ts';
import {
  BOSH,
  container,
  containers,
  EMPTY,
  LOST,
  MOUNT_CHOICES,
  NOW,
  PENDING,
  report,
  state,
  STATES,
  UNOWNED,
} from './agent-state-builder.ts';
import { stateMadeOf } from './state-made-of.ts';

/** Where a line of the page breaks means nothing, outside of its script. */
const pageOf = (shown: AgentState): string =>
  pageHtml(shown, { refresh: true, now: NOW }).replaceAll(/\s+/g, ' ');
const fileOf = (shown: Report): string =>
  reportPageHtml(shown, { version: '0.2.0', runbookUrl: null, hashes: pageHashes() });

const UNDECIDED = container(9, {
  status: 'pending',
  explanation: { kind: 'undecided', why: 'Garden gives no properties: timeout' },
});
const TRACKED = container(0);
const NOTHING = report([], {
  verdict: 'unknown',
  unknownCause: { kind: 'own-namespace' },
  live: 0,
});
const A_DRILL = { handle: 'a-drill', since: NOW, until: NOW };

const stateWith = (shown: readonly ContainerReport[]): AgentState =>
  state({ report: report(shown) });

const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '"',
  "'",
  '>',
  '<',
  '&',
  '&quot;',
  '</',
  '<!--',
  '-->',
  '</style>',
  '',
  '</title>',
  '`',
  '" onload="x',
  '<img src=x onerror=x>',
  '\n',
  '\0',
  '\u202e',
  '\u2028',
  '\ud800',
  '{{x}}',
  '&lt',
  '<![CDATA[',
  '${x}',
  'javascript:x',
];
const HOSTILE = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), anyText({ maxLength: 8 })), { maxLength: 12 })
  .map((parts) => parts.join(''));

describe('html', () => {
  it('escapes every value, in content and in attributes, and keeps markup of its own kind', () => {
    const value = `<a href="x" title='y'>&`;
    const escaped = '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;';
    expect(html`<p title="${value}">${[value, html`<b>${1}</b>`, null]}</p>`.toString()).to.equal(
      `<p title="${escaped}">${escaped}<b>1</b></p>`,
    );
  });

  it('does not take text for markup', () => {
    const forged: unknown = JSON.parse('{"text":"<b>","toString":"<b>"}');
    // A value of any other kind is a mistake of ours, and fails.
    expect(() => html`${forged as string}`.toString()).to.throw(TypeError);
  });

  it('loses no text, and no text can end an attribute or an element', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).to.not.match(/[<>"']/);
        const back = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
        const read = escaped.replaceAll(
          /&(lt|gt|quot|#39|amp);/g,
          (_, name: keyof typeof back) => back[name],
        );
        expect(read).to.equal(text);
      }),
    );
  });
});

describe('the page and foreign texts', () => {
  it('does not take a property of every object for the path in a hierarchy of that name', () => {
    for (const text of ['valueOf', 'constructor', '__proto__'])
      expect([...kindsOf(pageOf(stateMadeOf('x')))]).to.include.members([
        ...kindsOf(pageOf(stateMadeOf(text))),
      ]);
  });

  it('never turns a text into a tag or an attribute, in any place', () => {
    const honest = new Set([
      ...kindsOf(pageOf(stateMadeOf('x'))),
      ...kindsOf(pageOf(stateMadeOf(NOW))),
    ]);
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const page = pageOf(stateMadeOf(text));
        expect([...kindsOf(page)].filter((kind) => !honest.has(kind))).to.deep.equal([]);
      }),
      { numRuns: 100 },
    );
  });

  it('shows no control character, no bidirectional override, and no lone surrogate', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        expect(withoutOwnTexts(pageOf(stateMadeOf(text)))).to.not.match(
          /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u,
        );
      }),
    );
  });

  it('fails these tests if a text is not escaped', () => {
    const page = pageOf(stateMadeOf('x')).replace(
      '<bdi>x</bdi>',
      '<bdi><img src=x onerror=x></bdi>',
    );
    expect(() => kindsOf(page)).to.throw('no tag');
    expect([...kindsOf('<a href="x" onclick="y">')]).to.deep.equal(['a', 'href', 'onclick']);
  });

  it('is bounded and still valid when every text is 10 KB long', () => {
    for (const text of ['&'.repeat(10_240), '"><b>\u202e'.repeat(1700), 'ö'.repeat(10_240)]) {
      const page = pageOf(stateMadeOf(text));
      expect(page.length).to.be.below(1_500_000);
      expect([...kindsOf(page)]).to.not.include('b');
    }
  });
});

describe('the page', () => {
  for (const [name, make] of Object.entries(STATES)) {
    it(`is a whole document without a script in it that is not ours: ${name}`, () => {
      const page = pageOf(make());
      const names = tagsOf(page).map((tag) => tag.name);
      const empty = new Set(['meta', 'link']);
      const open: string[] = [];
      for (const each of names.filter((one) => !empty.has(one))) {
        if (each.startsWith('/')) expect(`/${open.pop()}`).to.equal(each);
        else open.push(each);
      }
      expect(open).to.deep.equal([]);
      expect(names.filter((each) => each === 'script')).to.have.length(1);
      expect(names.filter((each) => each === 'h1')).to.have.length(1);
    });

    it(`names each of its ids once, and refers only to those: ${name}`, () => {
      const page = withoutOwnTexts(pageOf(make()));
      const ids = Array.from(page.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
      expect(ids).to.deep.equal([...new Set(ids)]);
      for (const [, target] of page.matchAll(/ (?:href="#|aria-labelledby=")([^"]*)"/g)) {
        expect(ids).to.include.members((target ?? '').split(' '));
      }
    });

    it(`loads nothing from anywhere: ${name}`, () => {
      const page = withoutOwnTexts(pageOf(make()));
      expect(page).to.not.match(/ (?:src|srcset|action|formaction|poster|style|on[a-z]+)=/);
      for (const [, target] of page.matchAll(/ href="([^"]*)"/g)) {
        expect(target).to.match(/^#|^data:,$/);
      }
    });
  }

  const PAGES: readonly {
    readonly title: string;
    readonly shown: () => AgentState;
    readonly contains: readonly string[];
    readonly lacks?: readonly string[];
  }[] = [
    {
      title: 'has the heading Drill if there is nothing else',
      shown: () => STATES.drill(),
      contains: ['Drill</h1>', '<bdi>DRILL</bdi>', 'A drill is running.'],
      lacks: ['id="untracked"'],
    },
    {
      title: 'shows the warnings about the cell, each with the word "warning"',
      shown: () => STATES.everything(),
      contains: [
        '<section id="warnings"',
        'Warnings about the cell <span class="count">1</span>',
        '<bdi>warning: limit-lost</bdi>',
        '2 throttled containers run without their limits',
        '<bdi>warning</bdi></span>',
      ],
    },
    {
      title:
        'says, while the verdict is unknown, that it shows the last known state, and from when',
      shown: () => STATES.unknown(),
      contains: [
        'Unknown</h1>',
        'What follows is the last known state.',
        'The cell was last compared at <span class="unbroken">',
      ],
    },
    {
      title: 'says that the first pass is under way',
      shown: () => STATES['first pass'](),
      contains: ['First pass under way</h1>'],
    },
    {
      title: 'says that the passes fail, and why, instead of waiting forever for the first one',
      shown: () => STATES['looks fail'](),
      contains: [
        '<title>Unknown – rollcall</title>',
        'Unknown</h1>',
        '(EMFILE): &lt;too many open files&gt;',
      ],
      lacks: ['under way', 'is not finished'],
    },
    {
      title: 'never breaks a time within a sentence',
      shown: () => STATES.everything(),
      contains: ['since <time>2026-03-01T22:41:33Z</time>;'],
    },
    {
      title: 'begins with the verdict in words and its sentence',
      shown: () => stateWith(containers(60, LOST, UNOWNED, EMPTY, PENDING)),
      contains: [
        '<title>3 untracked – diego-cell-7f3a91c2 – rollcall</title>',
        '3 untracked</h1> <p class="critical">3 of 60 containers are untracked: 1 unknown-to-garden, 1 unowned and 1 no-cgroup. 1 more is pending (within the grace period).</p>',
        '(12 s ago)',
      ],
    },
    {
      title: 'says of an untracked container what is wrong, what to do, whose it is, since when',
      shown: () => stateWith(containers(0, LOST)),
      contains: [
        '<p>7 processes run in this container, but Garden does not list it',
        '<p>→ Urgent: this may be an attack, or a worker that runs twice.',
        '<p>Find out whose container it is.</p> <pre><code>sudo /var/vcap/jobs/rollcall/bin/rollcall explain',
        'rep first moves its apps',
        'space <bdi>production</bdi>, org <bdi>payments</bdi>',
        '<code><bdi>23d64653-5079-4858-b990-e374</bdi></code>',
        'since 2026-03-02T10:09:09Z (12 min ago)',
        '/tmp/garden-init',
        'Processes (3 of 7)',
      ],
    },
    {
      title: 'counts what Garden lists',
      shown: () => stateWith(containers(0, TRACKED, UNOWNED, LOST, EMPTY)),
      contains: ['; Garden: lists 3; ignored cgroups: '],
    },
    {
      title: 'has no zero of what was not read, if nothing was compared',
      shown: () => state({ report: NOTHING }),
      contains: ['; Garden: lists 0'],
      lacks: ['ignored cgroups'],
    },
    {
      title: 'says how many it could not decide, and shows all others as they are now',
      shown: () => stateWith(containers(3, UNDECIDED)),
      contains: [
        '1 could not be decided: Garden gives no properties: timeout.',
        '<section id="verdict" class="unknown"',
        'None untracked</h1>',
      ],
      lacks: ['the last known state'],
    },
    {
      title: 'calls tracked containers tracked',
      shown: () => stateWith(containers(3)),
      contains: ['<section id="verdict" class="good"', 'All tracked</h1>'],
    },
    {
      title: 'does not call pending containers tracked',
      shown: () => stateWith(containers(3, PENDING)),
      contains: ['<section id="verdict" class="pending"', 'None untracked</h1>'],
    },
    {
      title: 'claims no last known state if there is none',
      shown: () => state({ report: NOTHING }),
      contains: ['No earlier state is known'],
      lacks: ['the last known state'],
    },
    {
      title: 'claims none during a drill, too',
      shown: () => state({ report: withDrill(NOTHING, A_DRILL) }),
      contains: ['No earlier state is known'],
      lacks: ['the last known state'],
    },
  ];
  for (const { title, shown, contains, lacks = [] } of PAGES)
    it(title, () => {
      const page = pageOf(shown());
      for (const text of contains) expect(page).to.contain(text);
      for (const text of lacks) expect(page).to.not.contain(text);
    });

  it('shows findings first and mounts last', () => {
    const page = pageOf(STATES.everything());
    const order = [
      'verdict',
      'untracked',
      'warnings',
      'pending',
      'sensors',
      'drill',
      'containers',
      'events',
      'mounts',
    ];
    const places = order.map((id) => page.indexOf(` id="${id}"`));
    expect(places).to.not.include(-1);
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b));
  });

  it('is named after the instance if BOSH says which it is, and keeps the host', () => {
    const shown = report([LOST]);
    const page = pageOf(state({ report: { ...shown, cell: { ...shown.cell, bosh: BOSH } } }));
    expect(page).to.contain('<title>1 untracked – diego_cell/7 – rollcall</title>');
    expect(page).to.contain('cell <bdi>diego_cell/7</bdi>');
    expect(page).to.contain(
      `Cell <bdi>diego_cell/7 (${BOSH.id}) in cf, z2, 10.0.4.24, host diego-cell-7f3a91c2</bdi>`,
    );
  });

  it('links a finding and a warning to the runbook of the operator, and nothing without one', () => {
    const shown = STATES.everything();
    const page = pageOf({ ...shown, runbookUrl: 'https://wiki.example.com/a?b=1&c=%22' });
    const links = Array.from(page.matchAll(/ href="(http[^"]*)"/g), ([, target]) => target);
    expect(new Set(links)).to.include('https://wiki.example.com/a?b=1&amp;c=%22#unknown-to-garden');
    expect(links).to.include('https://wiki.example.com/a?b=1&amp;c=%22#limit-lost');
    const marked = state({ ...shown, report: report([LOST, PENDING]) });
    const linked = pageOf({ ...marked, runbookUrl: 'https://wiki.example.com/a' });
    expect(linked.match(/ href="https:/g)).to.have.length(2);
    expect(linked).not.to.contain('rollcall runbook unknown-to-garden');
    expect(pageOf(shown)).not.to.contain(' href="http');
    expect(pageOf(shown)).to.contain(
      '<code><bdi>sudo /var/vcap/jobs/rollcall/bin/rollcall runbook unknown-to-garden</bdi></code>',
    );
    expect(pageOf(shown)).to.contain(
      '<code><bdi>sudo /var/vcap/jobs/rollcall/bin/rollcall runbook limit-lost</bdi></code>',
    );
  });

  it('calls a container without the name of an app by its handle, in its finding and in its row', () => {
    const page = pageOf(state({ report: report([{ ...LOST, app: null }]) }));
    const named = `<code><bdi>${LOST.handle}</bdi></code>`;
    expect(/<h3 id="untracked-1">.*?<\/h3>/.exec(page)?.[0]).to.contain(named);
    const row = /<th role="rowheader" scope="row".*?<\/th>/s.exec(
      page.slice(page.indexOf('id="containers-table"')),
    );
    expect(row?.[0]).to.contain(LOST.handle);
  });

  it('puts critical before warning, and a drill apart from all that is real', () => {
    const shown = withDrill(report([EMPTY, LOST]), { handle: 'a-drill', since: NOW, until: NOW });
    const page = pageOf(state({ report: shown }));
    const articles = Array.from(page.matchAll(/<article class="(\w+)"/g), ([, tone]) => tone);
    expect(articles).to.deep.equal(['critical', 'warning', 'drill']);
    expect(page).to.contain('2 untracked</h1>');
    expect(page).to.contain('Untracked <span class="count">2</span>');
    expect(page.match(/a-drill/g)).to.have.length(1);
  });

  it('never shortens a handle', () => {
    const handle = asHandle('h'.repeat(255));
    const page = pageOf(state({ report: report([{ ...LOST, handle }]) }));
    expect(page.match(/h{255}/g)).to.have.length(2);
  });

  it('lists 1,000 containers at most, says how many more there are, and stays small', () => {
    const page = pageOf(state({ report: report(containers(5000)) }));
    expect(page.match(/ scope="row" data-title="Handle"/g)).to.have.length(1000);
    expect(page).to.contain('… and 4000 more');
    expect(page.length).to.be.below(1_000_000);
  });

  it('stays small with 5,000 untracked containers', () => {
    const lost = containers(5000).map((one) => ({ ...LOST, handle: one.handle }));
    expect(pageOf(state({ report: report(lost) })).length).to.be.below(1_500_000);
  });

  it('shows the mount of each hierarchy and the others, each with its verdict', () => {
    const page = pageOf(STATES.untracked());
    const shown = page.slice(page.indexOf('id="mounts-table"'));
    const others = MOUNT_CHOICES.flatMap(({ candidates, chosen }) =>
      candidates.filter(({ mount }) => mount !== chosen),
    );
    expect(shown.match(/data-title="Hierarchy"/g)).to.have.length(MOUNT_CHOICES.length);
    expect(shown.match(/<bdi>none<\/bdi>/g)).to.have.length(1);
    expect(shown.match(/<p class="quiet">- /g)).to.have.length(others.length);
    for (const word of ['equivalent', 'sub-cgroup', 'shadowed'])
      expect(shown).to.contain(`<p class="quiet">- ${word}: `);
  });

  it('says before the table of mounts whether each hierarchy has one', () => {
    const base = report(containers(3));
    const words = /<h2 id="mounts-title">Mounts<\/h2> <p[^>]*>([^<]*)/;
    expect(words.exec(pageOf(state({ report: base })))?.[1]).to.equal(
      '1 of 11 hierarchies has no mount that shows the root: hugetlb.',
    );
    const hierarchies = MOUNT_CHOICES.filter(({ chosen }) => chosen !== null);
    const sound = { ...base, cgroups: { ...base.cgroups, hierarchies } };
    expect(words.exec(pageOf(state({ report: sound })))?.[1]).to.equal(
      'Each of the 10 hierarchies has a mount.',
    );
  });

  it('says of a changed mount from which to which', () => {
    const page = pageOf(state({ report: report(containers(3)) }));
    expect(page).to.match(
      /From <code><bdi>[^<]+<\/bdi><\/code> to <code><bdi>[^<]+<\/bdi><\/code>\./,
    );
  });

  it('shows a mount for each container of a crowded table as a number', () => {
    const choice = MOUNT_CHOICES.find(({ candidates }) => candidates.length === 3);
    const [first] = choice?.candidates ?? [];
    if (choice === undefined || first === undefined)
      throw new Error('the builder has no hierarchy with three mounts');
    const candidates = Array.from({ length: 400 }, (_, index) => ({
      mount: { ...first.mount, mountPoint: asByteString(`/copy/${index}`) },
      verdict: 'equivalent' as const,
      why: 'shows the same',
    }));
    const base = report([]);
    const cgroups = { ...base.cgroups, hierarchies: [{ ...choice, candidates }] };
    const page = pageOf(state({ report: { ...base, cgroups } }));
    expect(page).to.contain('… and 388 more');
  });
});

describe('the page in a file', () => {
  const page = fileOf(report(containers(3, LOST)));

  it('has the report and neither script nor events', () => {
    expect(page).to.contain('1 untracked</h1>');
    expect(page).to.not.match(/<script|id="events"/);
  });

  it('contains its policy, which allows no script and omits what a <meta> may not contain', () => {
    const policy = escapeHtml(contentSecurityPolicy(pageHashes(), 'file'));
    expect(page).to.contain(`content="${policy}"`);
    expect(policy).to.contain('default-src');
    expect(policy).to.not.match(/script-src|frame-ancestors/);
  });
});

describe('the headers of the page', () => {
  it("allow only the page's inline style and script, named by their hashes", () => {
    const policy = pageHeaders()['content-security-policy'] ?? '';
    expect(policy).to.match(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /);
    expect(policy).to.match(/ script-src 'sha256-[\w+/]{43}='; connect-src 'self'; /);
    for (const directive of ['base-uri', 'form-action', 'frame-ancestors']) {
      expect(policy).to.contain(`${directive} 'none'`);
    }
    expect(policy).to.not.contain('unsafe');
    expect(pageHeaders()['referrer-policy']).to.equal('no-referrer');
  });
});

/** The page without its own style sheet and script, which are constants. */
const withoutOwnTexts = (page: string): string =>
  page
    .replace(/<style>[^]*?<\/style>/, '<style></style>')
    .replace(/<script>[^]*?<\/script>/, '<script></script>');

interface Tag {
  readonly name: string;
  readonly attributes: readonly string[];
}

const TEXT = /[^<>]+/y;
const TAG = /<(\/?[a-z][a-z0-9]*)((?:\s+[a-z][a-zA-Z-]*(?:="[^"<>]*")?)*)\s*\/?>/y;

/**
 * Reads a page more strictly than a browser: whatever is no tag of this form and no text is an
 * error.
 */
function tagsOf(page: string): readonly Tag[] {
  const tags: Tag[] = [];
  const text = withoutOwnTexts(page).replace('<!doctype html>', '');
  for (let at = 0; at < text.length;) {
    TEXT.lastIndex = at;
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (tag !== null) {
      const attributes = (tag[2] ?? '')
        .replaceAll(/="[^"]*"/g, '')
        .trim()
        .split(/\s+/);
      tags.push({ name: tag[1] ?? '', attributes: attributes.filter((name) => name !== '') });
      at = TAG.lastIndex;
    } else if (TEXT.test(text)) at = TEXT.lastIndex;
    else throw new Error(`no tag: ${text.slice(at, at + 200)}`);
  }
  return tags;
}

/** The names of all elements and attributes in a page. */
const kindsOf = (page: string): ReadonlySet<string> =>
  new Set(tagsOf(page).flatMap(({ name, attributes }) => [name, ...attributes]));
