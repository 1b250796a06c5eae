import { expect } from 'chai';
import {
  badPath,
  containerPaths,
  directoriesAtStart,
  servicePath,
  peaPath,
  type CellShape,
} from '../../../src/demo-cell/cgroups/cgroup-paths.ts';

const tree = (version: 1 | 2, name: string | null, ...controllers: string[]) => ({
  version,
  name,
  controllers,
});
const MEMORY = tree(1, null, 'memory');
const CPU = tree(1, null, 'cpu', 'cpuacct');
const FREEZER = tree(1, null, 'freezer');
const SYSTEMD = tree(1, 'systemd');
const V2 = tree(2, null);

const shape = (
  mode: CellShape['mode'],
  layout: CellShape['layout'],
  runtime: CellShape['runtime'] = 'containerd',
): CellShape => ({ mode, layout, runtime });

const APP = { handle: 'H', privileged: false };
const PRIVILEGED = { handle: 'H', privileged: true };

describe('where Garden puts cgroups', function () {
  it('gdn itself: the service in what systemd manages, the top elsewhere', () => {
    expect([MEMORY, CPU, SYSTEMD, V2].map(servicePath)).to.deep.equal(
      Array.from({ length: 4 }, () => '/system.slice/garden.service'),
    );
    expect(servicePath(FREEZER)).to.equal('');
  });

  it('v1: below the service, privileged beside `garden`, in every controller from its own top', () => {
    const plain = shape('v1', 'plain');
    expect(containerPaths(MEMORY, plain, APP).directory).to.equal(
      '/system.slice/garden.service/garden/H',
    );
    expect(containerPaths(FREEZER, plain, APP).directory).to.equal('/garden/H');
    expect(containerPaths(MEMORY, plain, PRIVILEGED).directory).to.equal(
      '/system.slice/garden.service/H',
    );
    expect(containerPaths(FREEZER, plain, PRIVILEGED).directory).to.equal('/H');
  });

  it('throttled: `good` in every controller, `bad` in cpu alone, made for privileged handles too', () => {
    const throttled = shape('hybrid', 'throttled');
    expect(containerPaths(SYSTEMD, throttled, APP).directory).to.equal(
      '/system.slice/garden.service/garden/good/H',
    );
    expect(containerPaths(V2, throttled, APP).directory).to.equal('/garden/good/H');
    expect(badPath(CPU, throttled, 'H')).to.equal('/system.slice/garden.service/garden/bad/H');
    expect([MEMORY, FREEZER, V2].map((one) => badPath(one, throttled, 'H'))).to.deep.equal([
      null,
      null,
      null,
    ]);
    expect(badPath(CPU, shape('hybrid', 'plain'), 'H')).to.equal(null);
  });

  it('v2: from the top; containerd mode keeps the processes in `init`, not for privileged ones', () => {
    expect(containerPaths(V2, shape('v2', 'plain'), APP)).to.deep.equal({
      directory: '/garden/H',
      processes: '/garden/H/init',
    });
    expect(containerPaths(V2, shape('v2', 'plain', 'runc'), APP).processes).to.equal('/garden/H');
    expect(containerPaths(V2, shape('v2', 'throttled'), APP).processes).to.equal(
      '/garden/good/H/init',
    );
    expect(containerPaths(V2, shape('v2', 'plain'), PRIVILEGED).processes).to.equal(
      '/system.slice/H',
    );
    expect(badPath(V2, shape('v2', 'throttled'), 'H')).to.equal('/garden/bad/H');
  });

  it("hybrid v2: runc ignores gdn's own cgroup there, so nothing is made before the first container", () => {
    const hybrid = shape('hybrid', 'plain');
    expect(containerPaths(V2, hybrid, APP).processes).to.equal('/garden/H');
    expect(containerPaths(V2, hybrid, PRIVILEGED).processes).to.equal('/H');
    expect(directoriesAtStart(V2, hybrid)).to.deep.equal(['/system.slice/garden.service']);
    expect(directoriesAtStart(FREEZER, hybrid)).to.deep.equal(['', '/garden']);
  });

  it('peas: Envoy below its container, a health check beside it, both beside a privileged one', () => {
    const plain = shape('v1', 'plain');
    expect(peaPath(FREEZER, plain, APP, 'envoy')).to.equal('/garden/H/H-envoy');
    expect(peaPath(FREEZER, plain, APP, 'liveness-healthcheck')).to.equal(
      '/garden/H-liveness-healthcheck-0',
    );
    expect(peaPath(FREEZER, plain, PRIVILEGED, 'envoy')).to.equal('/H-envoy');
    expect(peaPath(V2, shape('v2', 'plain'), PRIVILEGED, 'liveness-healthcheck')).to.equal(
      '/system.slice/H-liveness-healthcheck-0',
    );
  });
});
