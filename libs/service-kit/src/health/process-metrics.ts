import { collectDefaultMetrics, Registry } from 'prom-client';

let processMetrics: Registry | undefined;

/** Metrics of the process (CPU, memory, event loop), collected once however many services it runs. */
export function processRegistry(): Registry {
  if (processMetrics === undefined) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  return processMetrics;
}

/** A registry of a service's own; every metric carries the service's name. The process's figures begin here too. */
export function createMetrics(service: string): Registry {
  processRegistry();
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  return registry;
}
