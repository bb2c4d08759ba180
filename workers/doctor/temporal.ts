import { searchAttributeTypes } from '../../workflows/search-attributes';
import { connectClient } from '../temporal';
import { examine, type Examine } from './types';

export const examineTemporal: Examine = async (config) => {
  const answers = await examine('Temporal', async () => {
    const client = await connectClient(config);
    try {
      await client.workflowService.describeNamespace({ namespace: config.temporal.namespace });
      return `${config.temporal.address}, namespace ${config.temporal.namespace}`;
    } finally {
      await client.connection.close();
    }
  });
  if (!answers.ok) return [answers];
  const attributes = await examine('search attributes', async () => {
    const client = await connectClient(config);
    try {
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace: config.temporal.namespace });
      const missing = Object.keys(searchAttributeTypes).filter((name) => !customAttributes?.[name]);
      if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}; run: ${missing.map((name) => `temporal operator search-attribute create --name ${name} --type Keyword`).join(' && ')}`);
      return Object.keys(searchAttributeTypes).join(', ');
    } finally {
      await client.connection.close();
    }
  });
  return [answers, attributes];
};
