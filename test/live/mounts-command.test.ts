import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { bytesOfText } from '../../src/model/text.ts';
import type { mountsJson } from '../../src/present/mounts-json.ts';
import { expectDocumented } from '../json-schemas.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { skip } from '../skip.ts';
import { statMount } from '../../src/probe/mount-probe.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

type Answer = ReturnType<typeof mountsJson>;

const ROLLCALL = `'${process.execPath}' '${PROGRAM}' mounts --format json`;

function sh(script: string): { status: number | null; answer: Answer; stderr: string } {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`no JSON: ${stdout}${stderr}`);
  return { status, answer: answerOf(stdout), stderr };
}

function answerOf(stdout: string): Answer {
  expectDocumented(['mounts', '--format=json'], stdout);
  return JSON.parse(stdout) as Answer;
}

describe('rollcall mounts on this machine', function () {
  let here: Answer;

  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux');
    const { stdout, stderr } = spawnSync('sh', ['-c', ROLLCALL], { encoding: 'utf8' });
    if (!stdout.startsWith('{')) skip(this, `no mount table to read here: ${stderr.trim()}`);
    here = answerOf(stdout);
    if (here.hierarchies.length === 0) skip(this, 'no cgroup mount here');
  });

  it('chooses only mounts that the kernel confirms', () => {
    for (const { chosen, confirmed, version, device } of here.hierarchies) {
      expect(confirmed).to.equal(chosen !== null);
      if (chosen === null || here.cgroupNamespace === 'private') continue;
      expect(statMount(bytesOfText(chosen.mountPoint))).to.deep.include({
        kind: 'read',
        magic: version === 1 ? 0x27e0eb : 0x63677270,
        device,
        inode: 1,
      });
    }
  });

  describe('in namespaces of its own', () => {
    before(function () {
      if (process.getuid?.() !== 0) skip(this, 'needs root to make namespaces');
      if (spawnSync('unshare', ['--mount', '--cgroup', 'true']).status !== 0) {
        skip(this, 'needs unshare(1) and the right to make namespaces');
      }
      if (here.hierarchies.some(({ chosen }) => chosen === null)) {
        skip(this, 'not every hierarchy has a mount here');
      }
    });

    /** The mount points of all hierarchies, to be taken away in a namespace. */
    const unmountAll = (): string =>
      here.hierarchies
        .flatMap(({ candidates }) => candidates.map(({ mountPoint }) => mountPoint))
        .map((point) => `umount -l '${point}' 2>/dev/null || true`)
        .join('; ');

    it("opens a hierarchy wherever its own mount namespace has it, and still names the cell's mount", () => {
      const [first] = here.hierarchies;
      const point = first?.chosen?.mountPoint ?? '';
      const { answer } = sh(
        'unshare --mount sh -ec "mount -t tmpfs rollcall-test /mnt; mkdir /mnt/cg; ' +
          `mount --bind '${point}' /mnt/cg; ${unmountAll()}; ${ROLLCALL}" || true`,
      );
      expect(answer.hierarchies[0]?.chosen).to.deep.equal(first?.chosen);
      expect(answer.hierarchies[0]?.why).to.contain('opened at /mnt/cg');
    });

    it('never takes a nested cgroup for the root, whatever root the table names', function () {
      const unified = here.hierarchies.find(({ version }) => version === 2)?.chosen;
      if (unified === undefined || unified === null) skip(this, 'no v2 hierarchy here');
      const cgroup = join(unified.mountPoint, `rollcall-test-${process.pid}`);
      mkdirSync(cgroup);
      atEndOfTest(() => rmdirSync(cgroup));
      // As in a container of its own: pid, mount and cgroup namespace, and only its own cgroup
      // mounted.
      const { status, answer } = sh(
        `echo $$ > '${cgroup}/cgroup.procs'; ` +
          'unshare --cgroup --mount --pid --fork --mount-proc sh -ec ' +
          `"${unmountAll()}; mount -t tmpfs rollcall-test /mnt; mkdir /mnt/cg; ` +
          `mount -t cgroup2 rollcall-test /mnt/cg; ${ROLLCALL}" || exit $?`,
      );
      expect(status).to.equal(1);
      expect(answer.cgroupNamespace).to.equal('private');
      expect(answer.hierarchies).to.have.length(1);
      expect(answer.hierarchies[0]).to.include({ chosen: null, confirmed: false });
      expect(answer.hierarchies[0]?.candidates[0]).to.include({
        root: '/',
        verdict: 'own-namespace',
      });
      expect(answer.hierarchies[0]?.why).to.contain("this process's own cgroup namespace");
    });

    it('finds the way up out of a private cgroup namespace', function () {
      const unified = here.hierarchies.find(({ version }) => version === 2)?.chosen;
      if (unified === undefined || unified === null) skip(this, 'no v2 hierarchy here');
      const cgroup = join(unified.mountPoint, `rollcall-test-${process.pid}`);
      mkdirSync(cgroup);
      atEndOfTest(() => rmdirSync(cgroup));
      const { answer } = sh(
        `echo $$ > '${cgroup}/cgroup.procs'; unshare --cgroup sh -ec "${ROLLCALL}" || exit $?`,
      );
      expect(answer.cgroupNamespace).to.equal('private');
      const chosen = answer.hierarchies.find(({ version }) => version === 2)?.chosen;
      expect(chosen?.mountPoint).to.equal(unified.mountPoint);
      expect(chosen?.root).to.match(/^(\/\.\.)+$/);
    });
  });
});
