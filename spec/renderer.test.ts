import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { fileOf, suiteNeeds } from './rendered.ts';
import {
  renderJob,
  renderJobs,
  type RenderedJob,
  type RenderRequest,
} from '../tools/release/render-job.ts';

const SPEC = `---
name: toy
templates:
  text.erb: config/text
properties:
  port: {default: 1}
  quiet: {default: false}
  unset: {description: none}
  empty: {default: ''}
  list: {default: [{name: a}]}
  tls.cert: {description: none}
  tls.mode: {default: strict}
`;

/** A job of one template, or of two that are the same. */
function rendering(
  template: string,
  request: Partial<RenderRequest> = {},
  spec = SPEC,
): Promise<RenderedJob> {
  const jobDir = temporaryFolder();
  mkdirSync(join(jobDir, 'templates'));
  writeFileSync(join(jobDir, 'spec'), spec);
  writeFileSync(join(jobDir, 'monit'), '');
  for (const name of ['text', 'other'])
    writeFileSync(join(jobDir, `templates/${name}.erb`), template);
  return renderJob({ jobDir, ...request });
}

async function text(template: string, request: Partial<RenderRequest> = {}): Promise<string> {
  return fileOf(await rendering(template, request), 'config/text');
}

async function errors(...args: Parameters<typeof rendering>): Promise<readonly string[]> {
  const job = await rendering(...args);
  return job.ok ? [] : job.errors;
}

/**
 * What the Director does (Bosh::Common::Template and Bosh::Director::Core::Templates), so that the
 * other tests can rely on it.
 */
describe('the renderer', function () {
  suiteNeeds('ruby');

  it('takes null for not set, and false and an empty text for values', async () => {
    expect(await text("<%= p('port') %>", { properties: { port: null } })).to.equal('1');
    expect(await text("<%= p('quiet') %>,<%= p('quiet', true) %>")).to.equal('false,false');
    expect(await text("<%= p('empty', 'x').inspect %>")).to.equal('""');
    expect(await text("<%= p('unset', nil).inspect %>")).to.equal('nil');
  });

  it('fails for a property that is not set, and for one that the spec does not declare, even with a default', async () => {
    for (const asked of ["'unset'", "'nobody.knows'", "'nobody.knows', 1"])
      expect(await errors(`one\n<%- two = 2 -%>\n\n<%= p(${asked}) %>\n`)).to.deep.equal([
        `Error filling in template 'text.erb' (line 4: Can't find property '["${asked.split("'")[1]}"]')`,
      ]);
  });

  it('merges what is given into the defaults, name by name', async () => {
    const { properties } = await rendering('', { properties: { tls: { cert: 'x' } } });
    const tls = { cert: 'x', mode: 'strict' };
    const list = [{ name: 'a' }];
    expect(properties).to.deep.equal({ port: 1, quiet: false, unset: null, empty: '', list, tls });
  });

  it('refuses properties that the job does not declare, and a text in place of a section', async () => {
    expect(await errors('', { properties: { prot: 1, tls: { cret: 'x' } } })).to.deep.equal([
      "Property 'prot' is not declared in the job's spec",
      "Property 'tls.cret' is not declared in the job's spec",
    ]);
    expect(await errors('', { properties: { tls: 'on' } })).to.deep.equal([
      "Property 'tls.cert' expects a hash, but received 'String'",
    ]);
  });

  it('says the line of what a template raises, and of what Ruby cannot run', async () => {
    expect(await errors("<%-\nraise 'port must be odd'\n-%>")).to.deep.equal([
      "Error filling in template 'text.erb' (line 2: port must be odd)",
    ]);
    expect(await errors('\n<%= nil.upcase %>')).to.satisfy(([error = '']) =>
      error.startsWith(
        "Error filling in template 'text.erb' (line 2: undefined method `upcase' for nil",
      ),
    );
    expect((await errors('<% if true %>')).join()).to.match(
      /^Error filling in template 'text.erb' \(line .*syntax error/s,
    );
  });

  const TWO = SPEC.replace('text.erb: config/text', 'text.erb: a\n  other.erb: b');

  it('says the errors of all templates at once, as the Director writes them', async () => {
    expect(await errors("<%= p('unset') %>", {}, TWO)).to.deep.equal([
      `Error filling in template 'text.erb' (line 1: Can't find property '["unset"]')`,
      `Error filling in template 'other.erb' (line 1: Can't find property '["unset"]')`,
    ]);
  });

  it('keeps one template from changing what the next one sees', async () => {
    const job = await rendering("<% p('tls.mode') << '!' %><%= p('tls.mode') %>", {}, TWO);
    expect([fileOf(job, 'a'), fileOf(job, 'b')]).to.deep.equal(['strict!', 'strict!']);
    expect(job.properties).to.have.nested.property('tls.mode', 'strict');
  });

  it('answers in the order of the requests, also after one that cannot be read', async () => {
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 150; depth++) deep = { deep };
    const folders = ['/nonexistent/a', '/nonexistent/b', '/nonexistent/c'];
    const jobs = await renderJobs(
      folders.map((jobDir, at) => (at === 1 ? { jobDir, properties: deep } : { jobDir })),
    );
    const [first = '', second, third] = jobs.map((job) => (job.ok ? '' : job.errors.join()));
    expect([first, third]).to.deep.equal([
      "No spec in '/nonexistent/a'",
      "No spec in '/nonexistent/c'",
    ]);
    expect(second).to.include('nesting');
  });
});
