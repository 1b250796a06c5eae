import { readRelease } from '../../../tools/release/read-release.ts';
import { checkRelease } from '../../../tools/release/release-checks.ts';
import { findingLine } from '../../../tools/release/spec-files.ts';
import { temporaryFolder, writeFiles } from '../../temporary-folder.ts';

/** Without a fault: a job under monit, an errand, a package from src/ and one from blobs/. */
export const SMALL_RELEASE: Readonly<Record<string, string>> = {
  'blobs/runtime/program.tar.gz': 'the program',
  'src/dist/main.mjs': 'main',
  'src/dist/recorded/one.json': '{}',
  'src/dist/recorded/below/.hidden': 'hidden',
  'packages/runtime/spec': 'name: runtime\nfiles: [runtime/program.tar.gz]\n',
  'packages/runtime/packaging': 'tar xzf runtime/program.tar.gz\n',
  'packages/main/spec':
    'name: main\ndependencies: [runtime]\nfiles:\n- dist/main.mjs\n- dist/recorded/**/*\n',
  'packages/main/packaging': 'cp -R dist/. "${BOSH_INSTALL_TARGET}"\n',
  'jobs/agent/spec': `---
name: agent
packages: [main, runtime]
templates:
  agent.json.erb: config/agent.json
  start.erb: bin/start
properties:
  port:
    description: The port.
    default: 80
    example: 8080
  tls.cert:
    description: The certificate.
    example: ((/tls.certificate))
  limits.memory:
    description: The limit.
    default: 64M
    example: 128M
  start.user: {description: The user., example: vcap}
  start.group: {description: The group., example: vcap}
  start.nice: {description: Its niceness., example: 1}
`,
  'jobs/agent/monit': 'check process agent\n',
  'jobs/agent/templates/agent.json.erb': `<%-
  size = lambda do |name|
    value = p(name)
    raise "#{name} is wrong" unless value.end_with?('M')
    value
  end
  # p('commented.out')
-%>
{"port": <%= p('port') %>, "cert": <%= p("tls.cert", '').to_json %>, "memory": <%= size.call('limits.memory') %>}
`,
  // The second line uses no property; the third one mentions two.
  'jobs/agent/templates/start.erb': `<% if_p("tls.cert") do |cert| %><%= cert %><% end %>
<%# p('a') %> <%% p('a') %> p('a') <%= map('a') + other.p('a') %>
<% %w[start.user start.group].each do |name| %><%= p(name, nil) %><% end %> <%= p 'start.nice', 1 %>
`,
  'jobs/agent/properties_schema.json': '{}',
  'jobs/ask/spec': 'name: ask\ntemplates:\n  run.erb: bin/run\n',
  'jobs/ask/monit': '',
  'jobs/ask/templates/run.erb': 'echo\n',
};

/** The lines about the small release after a change to it. */
export function linesAfter(change: (folder: string) => void): readonly string[] {
  const folder = temporaryFolder();
  writeFiles(folder, SMALL_RELEASE);
  change(folder);
  return checkRelease(readRelease(folder)).map(findingLine);
}
