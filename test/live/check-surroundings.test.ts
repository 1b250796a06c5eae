import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { startCell, type CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import { asVcap, cellFor, needsCell, needsReadableProgram, NOBODY } from './cells.ts';
import {
  check,
  inside,
  rollcall,
  SHORT,
  statuses,
  type Checked,
  type ReportJson,
} from './rollcall.ts';

const APP = '8a37cb6f-385b-4dd3-732c-34d6';
const LOST = 'c0ffee00-1234-4567-89ab-cdef';
const UNOWNED = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const OUTSIDE = 'dddddddd-385b-4dd3-732c-34d6';

const VCAP_UID = 2000;
const VCAP = asVcap(VCAP_UID);

const IN_MOUNTS_OF_ITS_OWN = ['unshare', '--mount', '--'];

/** Runs what follows in sh, then the command that is appended. */
const afterScript = (script: string): readonly string[] => [
  'sh',
  '-c',
  `set -e\n${script}\nexec "$@"`,
  'sh',
];

/**
 * bpm gives a job its own mounts: a fresh /sys, and of /sys/fs/cgroup what its configuration binds.
 */
const AS_UNDER_BPM = [
  ...IN_MOUNTS_OF_ITS_OWN,
  ...afterScript(`
    mkdir -p /var/vcap/data/kept
    mount --rbind /sys/fs/cgroup /var/vcap/data/kept
    mount -t sysfs sysfs /sys
    mount --rbind /var/vcap/data/kept /sys/fs/cgroup
    umount -l /var/vcap/data/kept`),
];
const UNDER_BPM_WITHOUT_CGROUPS = [
  ...IN_MOUNTS_OF_ITS_OWN,
  ...afterScript('mount -t sysfs sysfs /sys'),
];
/** A container's view: where a hierarchy would be is only the reader's own cgroup of it. */
const ONLY_SUB_CGROUPS = [
  ...IN_MOUNTS_OF_ITS_OWN,
  ...afterScript(`
    own() { sed -n "s/^[0-9]*:$1:\\(.*\\)$/\\1/p" /proc/self/cgroup; }
    cd /sys/fs/cgroup
    for name in *; do
      [ -d "$name" ] || continue
      case $name in
        systemd) path=$(own name=systemd) ;;
        unified) path=$(own '') ;;
        *) path=$(own "$name") ;;
      esac
      [ -z "$path" ] || mount --bind "$name$path" "$name"
    done
    if [ -e cgroup.procs ]; then mount --bind "/sys/fs/cgroup$(own '')" /sys/fs/cgroup; fi
    cd /`),
];
const OWN_CGROUP_NAMESPACE = ['unshare', '--cgroup', '--'];
const HIDEPID = [
  ...IN_MOUNTS_OF_ITS_OWN,
  ...afterScript('mount -t proc -o hidepid=2 proc /proc'),
  ...NOBODY,
];
const OWN_PIDS = ['unshare', '--pid', '--fork', '--'];
const OWN_PIDS_AND_PROC = ['unshare', '--pid', '--fork', '--mount', '--mount-proc', '--'];

const SHAPES: readonly Partial<CellOptions>[] = [
  { mode: 'hybrid', layout: 'throttled', containerMounts: true },
  { mode: 'v1', layout: 'plain', runtime: 'runc', cgroupNamespace: 'private' },
  { mode: 'v2', layout: 'throttled', runtime: 'containerd' },
];

/** A cell with something to tell of every kind. */
async function furnish(cell: Cell): Promise<void> {
  await Promise.all([
    cell.create({ handle: APP, kind: 'app', peas: ['envoy'] }),
    cell.create({ handle: LOST, kind: 'app' }),
    cell.create({ handle: UNOWNED, kind: 'task' }),
    cell.create({ handle: OUTSIDE, kind: 'app', privileged: true }),
  ]);
  await cell.forget(LOST);
  await cell.loseOwner(UNOWNED);
  cell.moveOut(OUTSIDE, 'all');
  if (cell.mode !== 'v2') cell.moveOut(APP, 'freezer');
}

/** All that a report says of containers, but for the moment of the check. */
const findingsOf = ({ containers, verdict, live, ignored }: ReportJson) => ({
  verdict,
  live,
  ignored,
  containers: containers.map((container) => ({ ...container, since: null })),
});

function expectUnknown({ report, exitCode, stderr }: Checked, why: RegExp): void {
  expect([exitCode, stderr]).to.deep.equal([2, '']);
  expect(report.verdict).to.equal('unknown');
  expect(report.why).to.match(why);
  expect(report.containers).to.deep.equal([]);
}

for (const options of SHAPES) {
  const { mode = 'auto', cgroupNamespace = 'host' } = options;

  describe(`A check by others than root of the cell: ${mode}, ${cgroupNamespace} cgroup namespace`, function () {
    let cell: Cell;

    before(async function () {
      needsCell(this, mode);
      cell = await startCell(options);
      await furnish(cell);
    });

    after(() => cell?.stop());

    it('says what hides the cell from it', async () => {
      const expected = findingsOf((await check(cell, SHORT)).report);
      const from = (wrapper: readonly string[]): Promise<Checked> =>
        check(cell, SHORT, { wrapper });
      const outOfReach = /unsafe\.unrestricted_volumes with the path \/sys\/fs\/cgroup/;
      expectUnknown(await from(UNDER_BPM_WITHOUT_CGROUPS), outOfReach);
      const hidden =
        /in a pid namespace of its own: under bpm, set unsafe\.host_pid_namespace: true/;
      expectUnknown(await from(OWN_PIDS), hidden);
      if (cgroupNamespace === 'host') {
        expectUnknown(await from(OWN_PIDS_AND_PROC), hidden);
        expectUnknown(await from(ONLY_SUB_CGROUPS), outOfReach);
        expectUnknown(
          await from(OWN_CGROUP_NAMESPACE),
          /^Unknown: this process is in a cgroup namespace of its own, .*host_pid_namespace: true\.$/,
        );
      } else {
        // The cell is itself a container here: its own cgroup is the top of what there is.
        for (const wrapper of [ONLY_SUB_CGROUPS, OWN_CGROUP_NAMESPACE]) {
          expect(findingsOf((await from(wrapper)).report)).to.deep.equal(expected);
        }
        expectUnknown(
          await from(OWN_PIDS_AND_PROC),
          /shows only this process's own cgroup namespace/,
        );
      }
    });

    it('says that hidepid hides the processes of others', async function () {
      needsReadableProgram(this);
      const { exitCode, stdout, stderr } = await rollcall(cell, ['check'], { wrapper: HIDEPID });
      expect([exitCode, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.contain('/proc is mounted with hidepid');
    });

    it('says the same to an ordinary user, and under bpm', async function () {
      needsReadableProgram(this);
      const byRoot = await check(cell, SHORT);
      expect(byRoot.exitCode).to.equal(1);
      expect(statuses(byRoot.report)).to.deep.equal({
        [LOST]: 'untracked unknown-to-garden',
        [UNOWNED]: 'untracked unowned',
        [APP]: mode === 'v2' ? 'tracked' : 'untracked partial',
        // That Garden's cgroup for it is empty must last longer.
        [OUTSIDE]: 'untracked escaped',
      });
      const expectSame = async (wrapper: readonly string[]): Promise<void> => {
        const ran = await check(cell, SHORT, { wrapper });
        expect([ran.exitCode, ran.stderr], wrapper.join(' ')).to.deep.equal([1, '']);
        expect(findingsOf(ran.report)).to.deep.equal(findingsOf(byRoot.report));
      };
      await expectSame(NOBODY);
      await expectSame(['setpriv', '--bounding-set=-all', '--no-new-privs', '--']);
      // As on a real cell: only root and vcap may enter the directory of the socket.
      const folder = '/var/vcap/data/garden';
      await inside(cell, ['chown', `${VCAP_UID}:${VCAP_UID}`, folder]);
      await inside(cell, ['chmod', '770', folder]);
      for (const wrapper of [VCAP, AS_UNDER_BPM, [...AS_UNDER_BPM, ...VCAP]]) {
        await expectSame(wrapper);
      }
      const refused = await check(cell, SHORT, { wrapper: NOBODY });
      expectUnknown(refused, /Not allowed to connect to Garden's socket .*run as root, or as a/);
    });

    if (cgroupNamespace === 'private') return;

    it('never takes what it may not read for empty', async function () {
      needsReadableProgram(this);
      const own = await cellFor(this, options);
      await own.create({ handle: APP, kind: 'app' });
      await own.create({ handle: LOST, kind: 'app' });
      await own.forget(LOST);
      const { report } = await check(own, SHORT);
      const of = (handle: string): string => directoryOf(report, handle);
      const garden = of(APP).replace(/\/garden\/.*$/, '/garden');
      const unreadable = async (path: string): Promise<Checked> => {
        expect((await inside(own, ['chmod', '700', path])).exitCode, path).to.equal(0);
        const ran = await check(own, SHORT, { wrapper: NOBODY });
        await inside(own, ['chmod', '755', path]);
        return ran;
      };
      const ofAll = await unreadable(garden);
      expectUnknown(ofAll, /\/garden cannot be read \(EACCES\), and containers could be in it/);
      // One privileged container that hid itself so once made the whole cell unknown.
      const ofOne = await unreadable(of(APP));
      expect(ofOne.exitCode).to.equal(1);
      expect(ofOne.report.why).to.contain('1 could not be decided: the container hides itself');
      expect(ofOne.report.summary.undecided).to.equal(1);
      expect(statuses(ofOne.report)).to.deep.equal({
        [APP]: 'pending',
        [LOST]: 'untracked unknown-to-garden',
      });
      const ofLost = await unreadable(of(LOST));
      expect(ofLost.exitCode, 'of a lost one').to.equal(1);
      expect(statuses(ofLost.report)).to.deep.equal(statuses(report));
      expect(ofLost.report.containers[0]?.sentence).to.contain('the processes in it are hidden');
      expect((await check(own, SHORT, { wrapper: NOBODY })).exitCode).to.equal(1);
    });
  });
}

/** The container's directory in the primary hierarchy, as it can be opened in the cell. */
function directoryOf({ cgroups, containers }: ReportJson, handle: string): string {
  const primary = cgroups.primary ?? '';
  const hierarchy = cgroups.hierarchies.find(({ version, controllers }) =>
    version === 2 ? primary === 'v2' : controllers.includes(primary),
  );
  const path = containers.find((one) => one.handle === handle)?.cgroups[primary];
  return `${hierarchy?.chosen?.mountPoint ?? ''}${path ?? ''}`;
}
