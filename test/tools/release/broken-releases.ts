import { renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { execaSync } from 'execa';
import { SMALL_RELEASE, writeRelease } from './small-release.ts';

type Change = (folder: string) => void;

const write =
  (name: string, text: string): Change =>
  (folder) =>
    writeRelease(folder, { [name]: text });

const edit =
  (name: string, from: string, to: string): Change =>
  (folder) => {
    const before = SMALL_RELEASE[name] ?? '';
    if (!before.includes(from)) throw new Error(`${name} does not say ${from}`);
    writeRelease(folder, { [name]: before.replace(from, to) });
  };

const remove =
  (name: string): Change =>
  (folder) =>
    rmSync(path.join(folder, name), { recursive: true });

const move =
  (from: string, to: string): Change =>
  (folder) =>
    renameSync(path.join(folder, from), path.join(folder, to));

const link =
  (name: string, target: string): Change =>
  (folder) =>
    symlinkSync(target, path.join(folder, name));

const pipe =
  (name: string): Change =>
  (folder) => {
    execaSync('mkfifo', [path.join(folder, name)]);
  };

const all =
  (...changes: readonly Change[]): Change =>
  (folder) => {
    for (const change of changes) change(folder);
  };

const agent = 'jobs/agent/spec';
const schema = 'jobs/agent/properties_schema.json';

/** What is broken, how, and the beginning of the line that says so. */
export const BROKEN_RELEASES: readonly (readonly [story: string, change: Change, line: string])[] =
  [
    ['no final.yml', remove('config/final.yml'), 'config/final.yml: is missing'],
    ['no name', write('config/final.yml', 'blobstore: {}\n'), 'config/final.yml: has no name'],
    ['an empty final.yml', write('config/final.yml', '---\n'), 'config/final.yml: has no name'],
    [
      'name and final_name',
      write('config/final.yml', 'name: a\nfinal_name: b\n'),
      'config/final.yml: has name and final_name',
    ],
    [
      'a name with a slash',
      write('config/final.yml', 'name: a/b\n'),
      'config/final.yml: name "a/b" is no name of a release',
    ],
    ['no blobs.yml', remove('config/blobs.yml'), 'config/blobs.yml: is missing: run npm run blobs'],
    [
      'a blob that was not made',
      remove('blobs/runtime/program.tar.gz'),
      'config/blobs.yml: blobs/runtime/program.tar.gz is not there: run npm run blobs',
    ],
    [
      'a blob of another size',
      write('blobs/runtime/program.tar.gz', 'other'),
      'config/blobs.yml: blobs/runtime/program.tar.gz has 5 bytes and not 11',
    ],
    [
      'a blob with other bytes',
      write('blobs/runtime/program.tar.gz', 'the PROGRAM'),
      'config/blobs.yml: blobs/runtime/program.tar.gz has another checksum',
    ],
    [
      'a blob with a SHA-1',
      write('config/blobs.yml', `runtime/program.tar.gz:\n  size: 11\n  sha: ${'a'.repeat(40)}\n`),
      'config/blobs.yml: runtime/program.tar.gz: sha aaaa',
    ],
    [
      'a blob outside blobs/',
      write('config/blobs.yml', '../../etc/x:\n  size: 1\n  sha: sha256:0\n'),
      'config/blobs.yml: ../../etc/x leaves blobs/',
    ],
    [
      'a file in blobs/ that bosh deletes',
      write('blobs/stray', ''),
      'blobs/stray: is not in config/blobs.yml',
    ],
    ['a circle of links', link('jobs/loop', 'loop'), 'jobs/loop: is a link'],
    ['a pipe', pipe('jobs/agent/templates/pipe'), 'jobs/agent/templates/pipe: is neither'],
    [
      'a linked template, whose properties nobody looks for',
      all(
        move('jobs/agent/templates/start.erb', 'start.erb'),
        link('jobs/agent/templates/start.erb', '../../../start.erb'),
      ),
      'jobs/agent/templates/start.erb: is a link, and what it leads to is not read',
    ],
    [
      'a template that is too large to be looked at',
      write('jobs/agent/templates/start.erb', ' '.repeat(2 ** 20 + 1)),
      'jobs/agent/templates/start.erb: has 1048577 bytes, too many to be read',
    ],
    [
      'a glob without quotes, which is an alias to YAML',
      edit('packages/main/spec', 'dist/recorded/**/*', '**/*'),
      'packages/main/spec: is no YAML (Unresolved alias',
    ],
    [
      'a file name that steers the terminal',
      write('jobs/agent/x\u001b[2J\ny', ''),
      'jobs/agent/x\\u{1b}[2J\\ny: is no part of a job',
    ],
    [
      'two templates at one place, spelled differently',
      edit(agent, 'bin/start', './config//agent.json'),
      `${agent}: templates: start.erb goes to ./config//agent.json, where agent.json.erb goes too`,
    ],
    [
      'a template below the file of another one',
      edit(agent, 'bin/start', 'config/agent.json/start'),
      `${agent}: templates: start.erb goes to config/agent.json/start, below the file of agent.json.erb`,
    ],
    [
      'a template in the place of monit',
      edit(agent, 'bin/start', 'monit'),
      `${agent}: templates: start.erb goes to monit, where the job's monit goes`,
    ],
    [
      'a monit that asks for a property that is not declared',
      write('jobs/agent/monit', "check process <%= p('name') %>\n"),
      'jobs/agent/monit: asks for property name, which the spec does not declare',
    ],
    ['a link in blobs/', link('blobs/link', 'runtime/program.tar.gz'), 'blobs/link: is a link'],
    [
      'a blob of no package',
      edit('packages/runtime/spec', 'runtime/program.tar.gz', 'dist/main.mjs'),
      'config/blobs.yml: no package takes runtime/program.tar.gz',
    ],

    ['a job without a spec', remove(agent), `${agent}: is missing`],
    ['a spec that is no YAML', write(agent, 'name: [\n'), `${agent}: is no YAML`],
    [
      'a key that stands twice',
      edit(agent, 'name: agent', 'name: agent\nname: agent'),
      `${agent}: `,
    ],
    [
      'an unknown key',
      edit(agent, 'templates:', 'template: {}\ntemplates:'),
      `${agent}: unknown key template`,
    ],
    [
      'an unknown key of a property',
      edit(agent, 'default: 80', 'defualt: 80'),
      `${agent}: unknown key properties.port.defualt`,
    ],
    ['a name of another job', edit(agent, 'name: agent', 'name: other'), `${agent}: name is other`],
    ['a renamed folder', move('jobs/ask', 'jobs/asked'), 'jobs/asked/spec: name is ask'],
    [
      'a name that no path can have',
      edit('jobs/ask/spec', 'name: ask', 'name: a/sk'),
      'jobs/ask/spec: name a/sk is no name of a job',
    ],
    ['a job without monit', remove('jobs/agent/monit'), 'jobs/agent/monit: is missing'],
    [
      'an errand with a process',
      write('jobs/ask/monit', 'check process ask\n'),
      'jobs/ask/monit: is not empty',
    ],
    [
      'a template that is not there',
      remove('jobs/agent/templates/start.erb'),
      `${agent}: templates: start.erb is not in jobs/agent/templates`,
    ],
    [
      'a template that nobody lists',
      write('jobs/agent/templates/left.erb', ''),
      'jobs/agent/templates/left.erb: is not listed in the spec',
    ],
    [
      'a file that is not packed',
      write('jobs/agent/notes.txt', ''),
      'jobs/agent/notes.txt: is no part',
    ],
    [
      'two templates for one file',
      edit(agent, 'bin/start', 'config/agent.json'),
      `${agent}: templates: start.erb goes to config/agent.json, where agent.json.erb goes too`,
    ],
    [
      'an absolute destination',
      edit(agent, 'bin/start', '/etc/start'),
      `${agent}: templates: start.erb goes to /etc/start, outside the job`,
    ],
    [
      'a destination above the job',
      edit(agent, 'bin/start', '../start'),
      `${agent}: templates: start.erb goes to ../start, outside the job`,
    ],
    [
      'a package that does not exist',
      edit(agent, '[main, runtime]', '[main, runtime, absent]'),
      `${agent}: packages: absent is no package`,
    ],

    ['a package without a spec', remove('packages/main/spec'), 'packages/main/spec: is missing'],
    [
      'a package without packaging',
      remove('packages/main/packaging'),
      'packages/main/packaging: is missing',
    ],
    [
      'pre_packaging',
      write('packages/main/pre_packaging', ''),
      'packages/main/pre_packaging: makes files that are in no fingerprint',
    ],
    [
      'an unknown key of a package',
      edit('packages/main/spec', 'files:', 'sources: []\nfiles:'),
      'packages/main/spec: unknown key sources',
    ],
    [
      'a name of another package',
      edit('packages/main/spec', 'name: main', 'name: other'),
      'packages/main/spec: name is other',
    ],
    [
      'a dependency that does not exist',
      edit('packages/main/spec', '[runtime]', '[absent]'),
      'packages/main/spec: dependencies: absent is no package',
    ],
    [
      'dependencies in a circle',
      edit('packages/runtime/spec', 'files:', 'dependencies: [main]\nfiles:'),
      'packages/runtime/spec: depends on itself',
    ],
    [
      'a package that nobody takes',
      edit(agent, '[main, runtime]', '[runtime]'),
      'packages/main/spec: no job takes this package',
    ],
    [
      'a bundle that was not built',
      remove('src/dist'),
      'packages/main/spec: files: dist/main.mjs matches no file below src/ or blobs/: run npm run build',
    ],
    [
      'a glob that matches nothing',
      edit('packages/main/spec', 'dist/main.mjs', 'main/*.mjs'),
      'packages/main/spec: files: main/*.mjs matches no file below src/ or blobs/: correct the glob',
    ],
    [
      'a glob that leaves src/',
      edit('packages/main/spec', 'dist/main.mjs', '../package.json'),
      'packages/main/spec: files: ../package.json leaves src/ and blobs/',
    ],
    [
      'an absolute glob',
      edit('packages/main/spec', 'dist/main.mjs', '/etc/passwd'),
      'packages/main/spec: files: /etc/passwd is absolute',
    ],
    [
      'a glob that libraries read differently',
      edit('packages/main/spec', 'dist/main.mjs', "'dist/!(other).mjs'"),
      'packages/main/spec: files: dist/!(other).mjs has signs',
    ],
    [
      'a glob that stands for more globs than can be matched',
      edit('packages/main/spec', 'dist/main.mjs', `'dist/${'{a,b}'.repeat(30)}'`),
      'packages/main/spec: files: dist/{a,b}',
    ],
    [
      'a glob with more wildcards than can be matched',
      edit('packages/main/spec', 'dist/main.mjs', `'dist/${'*a'.repeat(30)}'`),
      'packages/main/spec: files: dist/*a*a*a',
    ],
    [
      'braces in braces',
      edit('packages/main/spec', 'dist/main.mjs', "'dist/{main,{a,b}}.mjs'"),
      'packages/main/spec: files: dist/{main,{a,b}}.mjs has signs',
    ],
    [
      'an excluded glob that leaves the sources',
      edit('packages/main/spec', 'files:', 'excluded_files: [../x]\nfiles:'),
      'packages/main/spec: excluded_files: ../x leaves src/ and blobs/',
    ],
    [
      'a linked folder',
      all(move('src/dist', 'built'), link('src/dist', '../built')),
      'packages/main/spec: files: dist/main.mjs matches no file below src/ or blobs/; src/dist is a link',
    ],
    [
      'a linked file',
      all(move('src/dist/main.mjs', 'main.mjs'), link('src/dist/main.mjs', '../../main.mjs')),
      'packages/main/spec: files: src/dist/main.mjs is a link',
    ],
    [
      'one file in two packages',
      edit('packages/runtime/spec', '[runtime', '[dist/main.mjs, runtime'),
      'packages/runtime/spec: files: src/dist/main.mjs is in main too',
    ],
    [
      'a blob that a source hides',
      write('src/runtime/program.tar.gz', ''),
      'packages/runtime/spec: files: blobs/runtime/program.tar.gz is hidden by src/runtime/program.tar.gz',
    ],

    [
      'a property that the spec does not declare',
      edit('jobs/agent/templates/agent.json.erb', "p('port')", "p('prot')"),
      'jobs/agent/templates/agent.json.erb: asks for property prot',
    ],
    [
      'an undeclared one in a list',
      edit('jobs/agent/templates/agent.json.erb', "p('port')", "p(['prt', 'port'])"),
      'jobs/agent/templates/agent.json.erb: asks for property prt',
    ],
    [
      'an undeclared one by if_p',
      edit('jobs/agent/templates/start.erb', 'tls.cert', 'tls.crt'),
      'jobs/agent/templates/start.erb: asks for property tls.crt',
    ],
    [
      'an undeclared one by properties.x',
      edit('jobs/agent/templates/start.erb', 'cert %>', 'properties.tsl.cert %>'),
      'jobs/agent/templates/start.erb: asks for property tsl.cert',
    ],
    [
      'an undeclared one by a function of the template',
      edit('jobs/agent/templates/agent.json.erb', 'limits.memory', 'limits.memroy'),
      'jobs/agent/templates/agent.json.erb: asks for property limits.memroy',
    ],
    [
      'an undeclared one without parentheses',
      edit('jobs/agent/templates/agent.json.erb', "p('port')", "p 'prot'"),
      'jobs/agent/templates/agent.json.erb: asks for property prot',
    ],
    [
      'an undeclared one by properties[x]',
      edit('jobs/agent/templates/start.erb', 'cert %>', "properties['tsl']['cert'] %>"),
      'jobs/agent/templates/start.erb: asks for property tsl.cert',
    ],
    [
      'a link that the spec does not consume',
      edit('jobs/agent/templates/start.erb', 'cert %>', "link('garden').p('cert') %>"),
      'jobs/agent/templates/start.erb: asks for link garden',
    ],
    [
      'a property that no template asks for',
      edit('jobs/agent/templates/agent.json.erb', "p('port')", '80'),
      `${agent}: property port is asked by no template`,
    ],
    [
      'a property without a description',
      edit(agent, 'The port.', "''"),
      `${agent}: property port has no description`,
    ],
    [
      'a property without an example',
      edit(agent, '    example: 8080\n', ''),
      `${agent}: property port has no example`,
    ],
    [
      'a property without a default that a template cannot do without',
      edit(agent, '    default: 80\n', ''),
      `${agent}: property port has no default, and jobs/agent/templates/agent.json.erb cannot do without it`,
    ],

    ['no schema', remove(schema), `${schema}: is missing`],
    ['a schema that is no JSON', write(schema, '{'), `${schema}: is no JSON`],
    [
      'a schema without a draft',
      edit(schema, '$schema', 'schema'),
      `${schema}: $schema is not draft`,
    ],
    [
      'a schema of another draft',
      edit(schema, '2020-12', '2019-09'),
      `${schema}: $schema is not draft`,
    ],
    ['a type that does not exist', edit(schema, '"integer"', '"whole"'), `${schema}: is no schema`],
    [
      'a schema with a property that the spec lacks',
      edit(schema, '"port"', '"ports":{},"port"'),
      `${schema}: names ports, which jobs/agent/spec does not declare`,
    ],
    [
      'a schema that lacks a property',
      edit(schema, '"cert"', '"crt"'),
      `${schema}: does not name tls.cert`,
    ],
    [
      'a schema with another default',
      edit(schema, '"default":80', '"default":81'),
      `${schema}: has another default for port`,
    ],
    [
      'a default that the schema rejects',
      edit(agent, 'default: 64M', 'default: 64G'),
      `${schema}: rejects the defaults of the spec (limits.memory`,
    ],
    [
      'an example that the schema rejects',
      edit(agent, 'example: 8080', 'example: high'),
      `${schema}: rejects the examples of the spec (port`,
    ],
    [
      'null where a property is left out',
      edit(schema, '["string","null"]', '"string"'),
      `${schema}: rejects the defaults of the spec (tls.cert`,
    ],
  ];
