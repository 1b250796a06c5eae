import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { startCell } from '../../tools/demo-cell/cell/start-cell.ts';
import { GARDEN_HOME } from '../../tools/demo-cell/gdn/config.ts';
import { whyStandIn, whyNoMiniBosh } from '../../tools/mini-bosh/bpm.ts';
import {
  BPM_PACKAGE,
  bpmProcess,
  BUNDLE,
  bytesOf,
  cgroupName,
  CONTAINER_ID,
  PID_FILE,
  RUNC_ROOT,
  type BpmProcess,
} from '../../tools/mini-bosh/bpm-config.ts';
import { confinement, limitsOf } from '../../tools/mini-bosh/confinement.ts';
import {
  asGreenskeeper,
  asRep,
  gardenInode,
  gardenOwnership,
  TRACEE_DIRECTORY,
  traceeJob,
} from '../../tools/mini-bosh/other-jobs.ts';
import { packageVersion } from '../../tools/artifact.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import {
  changeBpmYml,
  changeVersion,
  installRelease,
  type Installed,
} from '../../tools/mini-bosh/install.ts';
import type { ObservationView, ReportView } from '../../src/model/report-view.ts';
import type { RollcallJob } from '../../tools/mini-bosh/rollcall-job.ts';
import { jobDirectory, Vm } from '../../tools/mini-bosh/vm.ts';
import { makeParts } from '../../tools/release/create-release.ts';
import { CriClient } from '../cri-client.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { tracesOf } from './cells.ts';
import { startSystemdCell, whyNoSystemdCell } from './systemd-cell.ts';

const KEPT = 'aaaaaaaa-0000-4000-8000-000a';
const FORGOTTEN = 'bbbbbbbb-0000-4000-8000-000b';
const SECOND = 'cccccccc-0000-4000-8000-000c';
const NAMES = '/var/vcap/data/rollcall/names';
const CRI_SOCKET = '/var/vcap/data/rollcall/cri/cri.sock';
const OTHER_VERSION = '999.0.0';

/** What the Director runs as the errand. */
const ERRAND = [`${jobDirectory('rollcall-report')}/bin/run`];

/** Makes Garden's directory anew, with what Garden keeps there, so that its containers stay known. */
const MAKE_GARDEN_ANEW = `cp -a ${GARDEN_HOME} ${GARDEN_HOME}.new &&
  rm -f ${GARDEN_HOME}.new/*.sock &&
  rm -r ${GARDEN_HOME} &&
  mv ${GARDEN_HOME}.new ${GARDEN_HOME}`;

const withoutMountOnly = (whole: BpmProcess): BpmProcess => ({
  ...whole,
  additional_volumes: whole.additional_volumes.map((one) => ({ ...one, mount_only: false })),
});

interface Place {
  readonly name: string;
  /** Why there is no such cell here; null if there is. */
  readonly whyNot: () => string | null;
  readonly startCell: () => Promise<Cell>;
}

const inBox = (mode: 'auto' | 'v2') => ({
  name: `a cell in a box, cgroup mode ${mode}`,
  // The last place is this machine then, and covers more.
  whyNot: () => (whyNoSystemdCell() === null ? 'this machine needs no box' : whyNoMiniBosh(mode)),
  startCell: () => startCell({ mode, label: 'mini-bosh' }),
});

const PLACES: readonly Place[] = [
  inBox('auto'),
  inBox('v2'),
  {
    name: 'a machine with systemd, which has all controllers in cgroup v2',
    whyNot: () => whyNoSystemdCell() ?? whyNoMiniBosh('v2'),
    startCell: startSystemdCell,
  },
];

for (const place of PLACES) {
  describe(`the release on ${place.name}`, function () {
    let machineBefore: ReturnType<typeof machine>;
    let vm: Vm;
    let job: RollcallJob;
    let renderErrand: Installed['renderErrand'];

    const isOfTheJob = (cgroup: string): boolean =>
      cgroup.endsWith(`/${cgroupName(vm.hasSystemd)}`);

    before(async function () {
      const obstacle = place.whyNot();
      if (obstacle !== null) skip(this, obstacle);
      await makeParts();
      machineBefore = machine();
      vm = await Vm.from(await place.startCell());
      ({ job, renderErrand } = await installRelease(vm));
    });

    after(() => vm?.stop());

    describe('as a deployment goes, each test from where the one before ends', () => {
      let hasFailed = false;

      beforeEach(function () {
        if (hasFailed) skip(this, 'it begins where the test before ends, and that one failed');
      });

      afterEach(function () {
        if (this.currentTest?.state !== 'failed') return;
        hasFailed = true;
        for (const line of job.lastLines(5)) console.error(`the agent's log: ${line}`);
      });

      // Before Garden has ever started.
      it("starts the agent, whose hook makes Garden's directory", async () => {
        expect(existsSync(vm.path(GARDEN_HOME))).to.equal(false);
        await job.start();
        expect(await gardenOwnership(vm)).to.equal('vcap:1000 770');
      });

      it('is run by bpm itself', async function () {
        const why = whyStandIn();
        if (why !== null) skip(this, `a stand-in for bpm starts the job: ${why}`);
        const list = await vm.must([`${BPM_PACKAGE}/bpm`, 'list']);
        expect(list).to.match(/^rollcall\s+\d+\s+running/m);
      });

      it('has packages that vcap can read, although they were compiled under umask 077', async () => {
        const mine = ['find', '/var/vcap/data/packages', '!', '-type', 'l', '!', '-perm', '-o=r'];
        expect(await vm.must(mine)).to.equal('');
      });

      it('passes post-start', async () => {
        await vm.must([`${jobDirectory('rollcall')}/bin/post-start`]);
      });

      it('confines the agent: an ordinary user, no capability, a seccomp filter', () => {
        const { cgroups, ...facts } = confinement(vm, job.pid());
        expect(facts).to.deep.equal({
          uid: vm.vcap.uid,
          capEff: '0000000000000000',
          capBnd: '0000000000000000',
          noNewPrivs: true,
          seccomp: 2,
          ownNamespaces: ['ipc', 'mnt', 'uts'],
        });
        expect(cgroups.filter(isOfTheJob)).to.have.length(1);
      });

      it('limits the memory, the threads and the files of the agent as bpm.yml says', async function () {
        const limits = limitsOf(vm);
        if (limits === null) skip(this, 'a cell in a box cannot limit in cgroup v2');
        const text = await vm.read(`${jobDirectory('rollcall')}/config/bpm.yml`);
        const { memory = '', processes, open_files: files } = bpmProcess(text).limits;
        expect(limits).to.include({ memory: bytesOf(memory), processes });
        expect(readFileSync(vm.path(`/proc/${job.pid()}/limits`), 'utf8')).to.match(
          new RegExp(`^Max open files +${files} +${files} +files`, 'm'),
        );
      });

      it('reports before Garden starts that nothing is known', async () => {
        const { garden, verdict } = await job.until('its first pass', () => true);
        expect(garden.state).not.to.equal('known');
        expect(verdict).to.equal('unknown');
      });

      it('finds Garden when it starts, and raises no alarm until then', async () => {
        await vm.cell.garden.start();
        await asGreenskeeper(vm);
        for (const handle of [KEPT, FORGOTTEN, SECOND]) {
          await vm.cell.create({ handle, kind: 'app', peas: ['envoy'] });
        }
        const { summary } = await job.until('three tracked containers', (report) => {
          return report.verdict === 'all-tracked' && report.summary.tracked === 3;
        });
        expect(summary.untracked).to.equal(0);
        expect(job.alarms()).to.equal(0);
        expect((await vm.run(ERRAND)).exitCode).to.equal(0);
      });

      it('names containers to whoever is in group vcap, and to no other user', async () => {
        const [table, socket] = [`${NAMES}/containers.csv`, CRI_SOCKET];
        await waitFor('the table', async () => (await vm.read(table)).includes(KEPT));
        const places = [NAMES, dirname(CRI_SOCKET), table, socket];
        expect(
          (await vm.must(['stat', '-c', '%a %U:%G %F', ...places])).trim().split('\n'),
        ).to.deep.equal([
          '750 vcap:vcap directory',
          '750 vcap:vcap directory',
          '640 vcap:vcap regular file',
          '660 vcap:vcap socket',
        ]);
        const may = async (...groups: readonly string[]): Promise<boolean> => {
          const user = ['setpriv', '--reuid=4242', '--regid=4242', ...groups];
          const { exitCode } = await vm.run([...user, 'test', '-r', table, '-a', '-w', socket]);
          return exitCode === 0;
        };
        expect(await may(`--groups=${vm.vcap.gid}`)).to.equal(true);
        expect(await may('--clear-groups')).to.equal(false);
        const client = new CriClient(vm.path(CRI_SOCKET));
        const { containers } = await client.ask('ListContainers', { filter: { id: KEPT } });
        expect(containers.map(({ id }) => id)).to.deep.equal([KEPT]);
      });

      // When Garden forgets a container.
      it('shows a container that Garden forgot in its report and its metrics', async () => {
        await vm.cell.forget(FORGOTTEN);
        await untilUntracked(job);
        expect(await job.metrics()).to.match(
          /^rollcall_untracked\{.*reason="unknown-to-garden".*\} 1$/m,
        );
      });

      it('names that container in the errand, which fails only with fail_on_untracked', async () => {
        const errand = await vm.run(ERRAND);
        expect(errand.stdout).to.include(FORGOTTEN);
        expect(errand.exitCode, errand.stderr).to.equal(0);
        await renderErrand({ fail_on_untracked: true, format: 'json' });
        const failing = await vm.run(ERRAND);
        expect(failing.exitCode, failing.stderr).to.equal(1);
        expect(JSON.parse(failing.stdout)).to.be.an('object');
      });

      it('names that container to an operator on the cell', async () => {
        const check = await job.command('check', '--settle', '100ms');
        expect(check.exitCode, check.stderr).to.equal(1);
        expect(check.stdout).to.include(FORGOTTEN);
      });

      // When something restarts.
      it('goes on with the new socket of a Garden that restarts, and repeats no alarm', async () => {
        const before = await gardenInode(vm);
        await vm.cell.garden.stop();
        await job.until('that Garden is gone', ({ garden }) => garden.state !== 'known');
        await vm.cell.garden.start();
        await asGreenskeeper(vm);
        expect(await gardenInode(vm)).not.to.equal(before);
        await untilGardenAnswers(job);
        expect(job.alarms()).to.equal(1);
      });

      for (const [who, leave] of [
        ['Garden', asGreenskeeper],
        ['rep', asRep],
      ] as const) {
        it(`leaves Garden's directory as ${who} left it when it starts again`, async () => {
          await leave(vm);
          const before = await gardenOwnership(vm);
          await job.restart();
          expect(await gardenOwnership(vm)).to.equal(before);
          await untilGardenAnswers(job);
        });
      }

      it('is started again by monit after it was killed, and raises no alarm twice', async () => {
        const before = job.alarms();
        const since = sinceOf(await job.report());
        expect(since).to.be.a('string');
        await vm.must(['kill', '-KILL', `${job.pid()}`]);
        await waitFor('its end', () => !job.isRunning());
        await job.start();
        const report = await untilUntracked(job);
        await job.nextReport();
        expect(sinceOf(report)).to.equal(since);
        expect(job.alarms()).to.equal(before);
      });

      it("ends with exit 3 when Garden's directory is made anew, and sees the new one once monit starts it", async () => {
        const before = job.alarms();
        await vm.cell.garden.stop();
        await vm.must(['sh', '-c', MAKE_GARDEN_ANEW]);
        await vm.cell.garden.start();
        await asGreenskeeper(vm);
        await waitFor('its end', () => !job.isRunning());
        const [said, , last] = job.log().slice(-3);
        expect(said).to.include({ level: 'error', message: 'rollcall.garden.directory-removed' });
        expect(last?.message).to.equal('rollcall.stopping');
        if (whyStandIn() !== null) expect(job.lastWordsOfTini()).to.match(/exited normally.*'3'/);
        await job.start();
        await untilGardenAnswers(job);
        await job.nextReport();
        expect(job.alarms()).to.equal(before);
      });

      // When a sensor comes, as another job.
      let tracee: ReturnType<typeof traceeJob>;

      const observed = async (passes: (one: ObservationView) => boolean) => {
        const { sensors } = await job.until('the sensor', (report) => {
          const one = observationOf(report);
          return one !== null && passes(one);
        });
        return sensors.find(({ name }) => name === 'tracee')?.observation;
      };

      it('ran without it, and says that its directory is not there', async () => {
        tracee = traceeJob(vm);
        const { sentence } = (await observed(({ silent }) => silent)) ?? {};
        expect(sentence).to.include(
          `The directory of the event file of Tracee, ${TRACEE_DIRECTORY}`,
        );
        expect(await job.metrics()).to.match(/^rollcall_sensor_silent\{.*sensor="tracee".*\} 1$/m);
      });

      it('does not see a directory that was made after its start, and says what to do', async () => {
        await tracee.makeDirectory({ isForVcap: false });
        await tracee.start([KEPT, FORGOTTEN, SECOND]);
        await job.nextReport();
        const { sentence } = (await observed(({ state }) => state === 'absent')) ?? {};
        expect(sentence).to.include('restart the agent');
      });

      it('says who may enter the directory where vcap may not', async () => {
        await job.restart();
        const { sentence } = (await observed(({ state }) => state === 'unreadable')) ?? {};
        expect(sentence).to.include(`${TRACEE_DIRECTORY} (EACCES, mode 0700, owner 0:0)`);
        expect(sentence).to.include('vcap');
      });

      it('reads the file, read only, through the mount that the glob of its volume made', async () => {
        await tracee.makeDirectory({ isForVcap: true });
        await observed(({ state, seen }) => state === 'fresh' && seen === 3);
        const mounts = readFileSync(vm.path(`/proc/${job.pid()}/mountinfo`), 'utf8').split('\n');
        const mount = mounts.find((line) => line.split(' ')[4] === TRACEE_DIRECTORY);
        expect(mount?.split(' ')[5]).to.match(/^ro,nosuid,nodev,noexec/);
      });

      it('goes on with what it has reported under another version, and under this one again', async () => {
        const alarms = job.alarms();
        const before = forgottenIn(await job.report());
        expect(before?.app?.name).to.be.a('string');
        await job.stop();
        const goBack = await changeVersion(vm, OTHER_VERSION);
        for (const version of [OTHER_VERSION, packageVersion(root)]) {
          if (version !== OTHER_VERSION) await goBack();
          await job.start();
          await untilUntracked(job);
          const { since, reason, app } = forgottenIn(await job.nextReport()) ?? {};
          expect({ since, reason, app }).to.deep.equal({
            since: before?.since,
            reason: before?.reason,
            app: before?.app,
          });
          expect(await job.metrics()).to.include(`rollcall_build_info{version="${version}"`);
          expect((await job.command('--version')).stdout.trim()).to.equal(version);
          expect(job.alarms()).to.equal(alarms);
          if (version === OTHER_VERSION) await job.stop();
        }
      });

      it("changes the owner of Garden's directory if its bpm.yml lacks mount_only", async () => {
        await asGreenskeeper(vm);
        const before = await gardenOwnership(vm);
        const restore = await changeBpmYml(vm, withoutMountOnly);
        await job.restart().finally(restore);
        expect(await gardenOwnership(vm)).not.to.equal(before);
        await job.restart();
        await job.until('a verdict again', ({ verdict }) => verdict === 'untracked');
        await asGreenskeeper(vm);
      });

      // When the job stops.
      let cgroup: string | undefined;

      it('has run within its limits until it stops', function () {
        const limits = limitsOf(vm);
        if (limits === null) skip(this, 'a cell in a box cannot limit in cgroup v2');
        expect(limits).to.include({ killed: 0, refused: 0 });
      });

      it('ends in order, and writes nothing more to stderr', async () => {
        const { cgroups } = confinement(vm, job.pid());
        cgroup = cgroups.find(isOfTheJob);
        await job.stop();
        expect(job.log().at(-1)?.message).to.equal('rollcall.stopping');
        // What it said when Garden's directory was made anew.
        expect(job.errors()).to.have.length(1);
        expect(job.errors()[0]).to.include('so that monit starts it');
        const words = job.lastWordsOfTini();
        if (whyStandIn() !== null) expect(words).to.match(/exited normally.*'0'/);
      });

      it('leaves an errand that says that nothing is known', async () => {
        expect((await vm.run(ERRAND)).exitCode).to.equal(2);
      });

      it('leaves no process, cgroup, mount or file of the container', async () => {
        expect((await vm.run(['pgrep', '-u', 'vcap', '-a'])).stdout).to.equal('');
        expect(cgroup).to.be.a('string');
        const find = ['find', '/sys/fs/cgroup', '-type', 'd', '-path', `*${cgroup}*`];
        expect((await vm.run(find)).stdout).to.equal('');
        const files = [PID_FILE, BUNDLE];
        for (const file of [...files, `${RUNC_ROOT}/${CONTAINER_ID}`]) {
          expect(existsSync(vm.path(file)), file).to.equal(false);
        }
        expect(vm.mounts()).not.to.include('/bpm/');
      });
    });

    describe('when the VM has ended', () => {
      it('leaves nothing on the machine', async () => {
        await vm.stop();
        expect(tracesOf(vm.cell.runId)).to.deep.equal([]);
        expect(machine()).to.deep.equal(machineBefore);
      });
    });
  });
}

/** What a run could change on the machine: where the VM has its own, and what bpm mounts. */
const machine = () => ({
  hierarchies: readFileSync('/proc/cgroups', 'utf8').match(/^\w+\t\d+/gm),
  users: readFileSync('/etc/passwd', 'utf8') + readFileSync('/etc/group', 'utf8'),
  hasVcap: existsSync('/var/vcap'),
  covered: readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => /\/etc\/(?:passwd|group) |\/proc\/cgroups /.test(line)),
});

const observationOf = ({ sensors }: ReportView): ObservationView | null =>
  sensors.find(({ name }) => name === 'tracee')?.observation ?? null;

const untilUntracked = (job: RollcallJob) =>
  job.until('the untracked container', ({ summary }) => summary.untracked === 1);

const untilGardenAnswers = (job: RollcallJob) =>
  job.until('Garden', ({ garden }) => garden.state === 'known');

type Reported = Awaited<ReturnType<RollcallJob['report']>>;

const forgottenIn = (report: Reported) =>
  report?.containers.find(({ handle }) => handle === FORGOTTEN);

const sinceOf = (report: Reported) => forgottenIn(report)?.since;
