import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { fileOf, needs } from './rendered.ts';
import {
  renderJob,
  renderJobs,
  unableToRender,
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
  map: {default: {z: 1, a: 2}}
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

/** What the Director does (Bosh::Common::Template and Bosh::Director::Core::Templates), so that the other tests can rely on it. */
describe('the renderer', function () {
  before(function () {
    needs(this, 'ruby');
  });

  describe('p', () => {
    it('gives the value, else the default of the spec, else the default of the template', async () => {
      expect(await text("<%= p('port') %>", { properties: { port: 2 } })).to.equal('2');
      expect(await text("<%= p('port') %> <%= p('unset', 3) %>")).to.equal('1 3');
    });

    it('takes null for not set, and false and an empty text for values', async () => {
      expect(await text("<%= p('port') %>", { properties: { port: null } })).to.equal('1');
      expect(await text("<%= p('quiet') %>,<%= p('quiet', true) %>")).to.equal('false,false');
      expect(await text("<%= p('empty', 'x').inspect %>")).to.equal('""');
      expect(await text("<%= p('unset', nil).inspect %>")).to.equal('nil');
    });

    it('takes the first of a list that is set', async () => {
      expect(await text("<%= p(['unset', 'quiet', 'port']) %>")).to.equal('false');
      expect(await text("<%= p(['unset', 'tls.cert'], 'none') %>")).to.equal('none');
      expect(await errors("<%= p(['unset', 'tls.cert']) %>")).to.deep.equal([
        `Error filling in template 'text.erb' (line 1: Can't find property '["unset", "tls.cert"]')`,
      ]);
    });

    it('fails for a property that is not set, and for one that the spec does not declare', async () => {
      const template = (name: string): string => `one\n<%- two = 2 -%>\n\n<%= p('${name}') %>\n`;
      for (const name of ['unset', 'nobody.knows'])
        expect(await errors(template(name))).to.deep.equal([
          `Error filling in template 'text.erb' (line 4: Can't find property '["${name}"]')`,
        ]);
    });
  });

  describe('if_p', () => {
    const template =
      "<% if_p('NAMES') do |*v| %>yes <%= v.join(' ') %><% end.else_if_p('quiet') do |v| %>or <%= v %><% end.else do %>no<% end %>";
    const asking = (...names: readonly string[]) =>
      text(template.replace('NAMES', names.join("','")));

    it('runs its block with the values when all are set, false among them', async () => {
      expect(await asking('port')).to.equal('yes 1');
      expect(await asking('quiet', 'port')).to.equal('yes false 1');
    });

    it('goes on to else_if_p and else where one is not', async () => {
      expect(await asking('port', 'unset')).to.equal('or false');
      const last = template.replace('NAMES', 'unset').replace("'quiet'", "'tls.cert'");
      expect(await text(last)).to.equal('no');
    });
  });

  it('shows the instance as spec, name and index', async () => {
    const template =
      '<%= name %>/<%= index %> <%= spec.az %> <%= spec.deployment %> <%= spec.networks.default.ip %> <%= spec.properties.tls.mode %>';
    expect(await text(template)).to.equal('diego_cell/0 z1 cf 10.0.4.17 strict');
    expect(await text(template, { spec: { name: 'compute', index: 3, az: null } })).to.equal(
      'compute/3  cf 10.0.4.17 strict',
    );
  });

  it('shows properties as objects, in lists too', async () => {
    expect(await text('<%= properties.list[0].name %><%= properties.tls.mode %>')).to.equal(
      'astrict',
    );
    expect(await text('<%= properties.tls.cert.inspect %>')).to.equal('nil');
  });

  it('trims lines that end with -%>', async () => {
    expect(await text('  <%- 2.times do |i| -%>\n<%= i %>\n  <%- end -%>\nend\n')).to.equal(
      '0\n1\nend\n',
    );
    expect(await text('<% 1 %>\n<%= 2 -%>\n3')).to.equal('\n23');
  });

  it('merges what is given into the defaults, name by name, and sorts maps', async () => {
    const job = await rendering("<%= p('map').keys.join %>", {
      properties: { tls: { cert: 'x' } },
    });
    expect(fileOf(job, 'config/text')).to.equal('az');
    expect(job.properties).to.deep.equal({
      port: 1,
      quiet: false,
      unset: null,
      empty: '',
      list: [{ name: 'a' }],
      tls: { cert: 'x', mode: 'strict' },
      map: { a: 2, z: 1 },
    });
    // A map with a default is one value: what is given replaces it.
    expect(await text("<%= p('map') %>", { properties: { map: { q: 1 } } })).to.equal('{"q"=>1}');
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
    const both = await errors("<%= p('unset') %>", {}, TWO);
    expect(unableToRender('toy', both)).to.equal(
      [
        "Unable to render templates for job 'toy'. Errors are:",
        `  - Error filling in template 'text.erb' (line 1: Can't find property '["unset"]')`,
        `  - Error filling in template 'other.erb' (line 1: Can't find property '["unset"]')`,
      ].join('\n'),
    );
    expect(unableToRender('toy', ['two\nlines'])).to.match(/\n {2}- two\n {2}lines$/);
  });

  it('keeps one template from changing what the next one sees', async () => {
    const job = await rendering("<% p('tls.mode') << '!' %><%= p('tls.mode') %>", {}, TWO);
    expect([fileOf(job, 'a'), fileOf(job, 'b')]).to.deep.equal(['strict!', 'strict!']);
    expect(job.properties).to.have.nested.property('tls.mode', 'strict');
  });

  it('answers many requests in their order', async () => {
    const missing = await renderJobs(
      ['/nonexistent/a', '/nonexistent/b'].map((jobDir) => ({ jobDir })),
    );
    expect(missing.map((job) => (job.ok ? [] : job.errors))).to.deep.equal([
      ["No spec in '/nonexistent/a'"],
      ["No spec in '/nonexistent/b'"],
    ]);
    expect(await renderJobs([])).to.deep.equal([]);
  });

  it('answers the others when one cannot be read', async () => {
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 150; depth++) deep = { deep };
    const jobs = await renderJobs([
      { jobDir: '/nonexistent/a', properties: deep },
      { jobDir: '/nonexistent/b' },
    ]);
    expect(jobs[1]).to.have.deep.property('errors', ["No spec in '/nonexistent/b'"]);
    expect(jobs[0]).to.have.nested.property('errors[0]').that.contains('nesting');
  });
});
