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
`,
  'jobs/agent/monit': 'check process agent\n',
  'jobs/agent/templates/agent.json.erb': `{"port": <%= p('port') %>}\n`,
  'jobs/agent/templates/start.erb': 'start\n',
  'jobs/agent/properties_schema.json': '{}',
  'jobs/ask/spec': 'name: ask\ntemplates:\n  run.erb: bin/run\n',
  'jobs/ask/monit': '',
  'jobs/ask/templates/run.erb': 'echo\n',
};

/** The folder of the small release, with these files in place of its own. */
export function smallRelease(changed: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder();
  writeFiles(folder, { ...SMALL_RELEASE, ...changed });
  return folder;
}
