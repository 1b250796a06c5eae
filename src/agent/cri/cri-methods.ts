import protobuf from 'protobufjs/light.js';
import type { CriMethodName } from '../../model/agent-state.ts';
import { CRI_MESSAGES, type CriMessage, type CriMessageName } from '../../names/cri-messages.ts';
import type { CriAnswer, CriCalls } from './cri-calls.ts';

/** A method of `runtime.v1.RuntimeService` that has one answer, in bytes. */
export interface CriMethod {
  readonly name: CriMethodName;
  readonly answer: (request: Buffer) => Promise<CriAnswer<Buffer>>;
}

export const criMethods = (calls: CriCalls): readonly CriMethod[] => [
  method('Version', ['VersionRequest', 'VersionResponse'], () => calls.version()),
  method('Status', ['StatusRequest', 'StatusResponse'], () => calls.status()),
  method('ListContainers', ['ListContainersRequest', 'ListContainersResponse'], (asked) =>
    calls.listContainers(asked),
  ),
  method('ContainerStatus', ['ContainerStatusRequest', 'ContainerStatusResponse'], (asked) =>
    calls.containerStatus(asked),
  ),
  method('ListPodSandbox', ['ListPodSandboxRequest', 'ListPodSandboxResponse'], (asked) =>
    calls.listPodSandbox(asked),
  ),
  method('PodSandboxStatus', ['PodSandboxStatusRequest', 'PodSandboxStatusResponse'], (asked) =>
    calls.podSandboxStatus(asked),
  ),
];

type Answered<Name extends CriMessageName> = CriAnswer<CriMessage<Name>>;

const method = <Request extends CriMessageName, Response extends CriMessageName>(
  name: CriMethodName,
  [request, response]: readonly [Request, Response],
  answer: (asked: CriMessage<Request>) => Answered<Response> | Promise<Answered<Response>>,
): CriMethod => ({
  name,
  answer: async (bytes) => {
    const asked = decoded(request, bytes);
    if (asked === null) return { kind: 'refused', why: `the request is not a ${request}` };
    const answered = await answer(asked);
    return answered.kind === 'answered'
      ? { ...answered, message: encoded(response, answered.message) }
      : answered;
  },
});

const root = protobuf.Root.fromJSON({ nested: CRI_MESSAGES });

/** What each message became, as long as it is used: a list is encoded once per change. */
const kept = new WeakMap<object, Buffer>();

export function encoded<Name extends CriMessageName>(
  name: Name,
  message: CriMessage<Name>,
): Buffer {
  const before = kept.get(message);
  if (before !== undefined) return before;
  const bytes = Buffer.from(root.lookupType(name).encode(message).finish());
  kept.set(message, bytes);
  return bytes;
}

/** Null: the bytes are no such message. */
function decoded<Name extends CriMessageName>(name: Name, bytes: Buffer): CriMessage<Name> | null {
  try {
    const message: unknown = root.lookupType(name).decode(bytes);
    return isMessage(name, message) ? message : null;
  } catch {
    return null;
  }
}

/** A decoded message has the defaults of absent fields; those of absent messages are null. */
const isMessage = <Name extends CriMessageName>(
  name: Name,
  value: unknown,
): value is CriMessage<Name> => value instanceof root.lookupType(name).ctor;
