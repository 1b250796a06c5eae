import type { Route } from '../routes.ts';

/* Go templates, as Prometheus fills them in from the labels of an alert. A label that is missing is an empty text there. */

const label = (name: string): string => `$labels.${name}`;

export const deployment = ({ labels }: Route): string =>
  `{{ with ${label(labels.deployment)} }} of deployment {{ . }}{{ end }}`;

/** Names a cell as `bosh ssh` wants it, where the labels can tell. */
export const cell = (route: Route): string => `${instance(route)}${deployment(route)}`;

/** With its address, which only an alert about a container keeps as a label. */
export const cellWithAddress = (route: Route): string =>
  `${instance(route)}{{ with ${label(route.labels.ip)} }} ({{ . }}){{ end }}${deployment(route)}`;

const instance = ({ labels }: Route): string => {
  const group = `{{ with ${label(labels.group)} }}{{ . }}/{{ end }}`;
  const name =
    labels.cell === labels.index
      ? `${group}{{ ${label(labels.index)} }}`
      : `{{ if ${label(labels.index)} }}${group}{{ ${label(labels.index)} }}{{ else }}{{ ${label(labels.cell)} }}{{ end }}`;
  return `cell ${name}`;
};
