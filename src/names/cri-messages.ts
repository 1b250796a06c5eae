/*
 * The messages of Kubernetes' CRI (runtime.v1) that the names' socket reads and writes, each with the
 * fields that it uses. The numbers are those of the protocol (cri-api runtime/v1/api.proto).
 */

type Scalar = 'string' | 'bool' | 'int32' | 'int64';

interface Field {
  readonly id: number;
  /** A scalar, or the name of a message; an enumeration is an int32. */
  readonly type: string;
  readonly rule?: 'repeated';
  /** Of a map. */
  readonly keyType?: 'string';
}

const one = <T extends string>(id: number, type: T) => ({ id, type }) as const;
const many = <T extends string>(id: number, type: T) => ({ id, type, rule: 'repeated' }) as const;
const texts = (id: number) => ({ id, type: 'string', keyType: 'string' }) as const;

export const CRI_MESSAGES = {
  VersionRequest: { fields: {} },
  VersionResponse: {
    fields: {
      version: one(1, 'string'),
      runtimeName: one(2, 'string'),
      runtimeVersion: one(3, 'string'),
      runtimeApiVersion: one(4, 'string'),
    },
  },
  StatusRequest: { fields: {} },
  StatusResponse: { fields: { status: one(1, 'RuntimeStatus') } },
  RuntimeStatus: { fields: { conditions: many(1, 'RuntimeCondition') } },
  RuntimeCondition: { fields: { type: one(1, 'string'), status: one(2, 'bool') } },
  ListContainersRequest: { fields: { filter: one(1, 'ContainerFilter') } },
  ContainerFilter: {
    fields: {
      id: one(1, 'string'),
      state: one(2, 'StateValue'),
      podSandboxId: one(3, 'string'),
      labelSelector: texts(4),
    },
  },
  /** In the protocol, containers and pods have one each. */
  StateValue: { fields: { state: one(1, 'int32') } },
  ListContainersResponse: { fields: { containers: many(1, 'Container') } },
  Container: {
    fields: {
      id: one(1, 'string'),
      podSandboxId: one(2, 'string'),
      metadata: one(3, 'ContainerMetadata'),
      image: one(4, 'ImageSpec'),
      imageRef: one(5, 'string'),
      state: one(6, 'int32'),
      createdAt: one(7, 'int64'),
      labels: texts(8),
    },
  },
  ContainerMetadata: { fields: { name: one(1, 'string') } },
  ImageSpec: { fields: { image: one(1, 'string') } },
  ContainerStatusRequest: { fields: { containerId: one(1, 'string'), verbose: one(2, 'bool') } },
  ContainerStatusResponse: { fields: { status: one(1, 'ContainerStatus'), info: texts(2) } },
  ContainerStatus: {
    fields: {
      id: one(1, 'string'),
      metadata: one(2, 'ContainerMetadata'),
      state: one(3, 'int32'),
      createdAt: one(4, 'int64'),
      startedAt: one(5, 'int64'),
      finishedAt: one(6, 'int64'),
      image: one(8, 'ImageSpec'),
      imageRef: one(9, 'string'),
      labels: texts(12),
    },
  },
  ListPodSandboxRequest: { fields: { filter: one(1, 'PodSandboxFilter') } },
  PodSandboxFilter: {
    fields: { id: one(1, 'string'), state: one(2, 'StateValue'), labelSelector: texts(3) },
  },
  ListPodSandboxResponse: { fields: { items: many(1, 'PodSandbox') } },
  PodSandbox: {
    fields: {
      id: one(1, 'string'),
      metadata: one(2, 'PodSandboxMetadata'),
      state: one(3, 'int32'),
      createdAt: one(4, 'int64'),
      labels: texts(5),
    },
  },
  PodSandboxMetadata: {
    fields: { name: one(1, 'string'), uid: one(2, 'string'), namespace: one(3, 'string') },
  },
  PodSandboxStatusRequest: { fields: { podSandboxId: one(1, 'string') } },
  PodSandboxStatusResponse: { fields: { status: one(1, 'PodSandboxStatus') } },
  PodSandboxStatus: {
    fields: {
      id: one(1, 'string'),
      metadata: one(2, 'PodSandboxMetadata'),
      state: one(3, 'int32'),
      createdAt: one(4, 'int64'),
      network: one(5, 'PodSandboxNetworkStatus'),
      linux: one(6, 'LinuxPodSandboxStatus'),
      labels: texts(7),
    },
  },
  PodSandboxNetworkStatus: { fields: { ip: one(1, 'string') } },
  LinuxPodSandboxStatus: { fields: { namespaces: one(1, 'Namespace') } },
  Namespace: { fields: { options: one(2, 'NamespaceOption') } },
  NamespaceOption: { fields: {} },
  GetEventsRequest: { fields: {} },
  ContainerEventResponse: {
    fields: {
      containerId: one(1, 'string'),
      containerEventType: one(2, 'int32'),
      createdAt: one(3, 'int64'),
      podSandboxStatus: one(4, 'PodSandboxStatus'),
    },
  },
} as const satisfies Readonly<Record<string, { readonly fields: Readonly<Record<string, Field>> }>>;

export type CriMessageName = keyof typeof CRI_MESSAGES;

/** A message with all fields that the table has. Times are nanoseconds. */
export type CriMessage<Name extends CriMessageName> = {
  readonly [Key in keyof Fields<Name>]: FieldValue<Fields<Name>[Key]>;
};

type Fields<Name extends CriMessageName> = (typeof CRI_MESSAGES)[Name]['fields'];

type FieldValue<F> = F extends { readonly keyType: 'string' }
  ? Readonly<Record<string, string>>
  : F extends { readonly rule: 'repeated'; readonly type: infer T }
    ? readonly SingleValue<T>[]
    : F extends { readonly type: infer T }
      ? SingleValue<T>
      : never;

/** Of a request, a message may be absent: null. */
type SingleValue<T> = T extends Scalar
  ? { string: string; bool: boolean; int32: number; int64: number }[T]
  : T extends CriMessageName
    ? CriMessage<T> | null
    : never;
