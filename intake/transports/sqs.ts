import { ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from './pull';

export interface SqsOptions {
  url: string;
  deadLettersUrl: string | null;
  visibilitySeconds: number;
  /** Long polling; 20 is SQS’s most. */
  waitSeconds?: number;
}

/** An SQS queue. Source: SQS API reference. */
export function sqsQueue(client: SQSClient, { url, deadLettersUrl, visibilitySeconds, waitSeconds = 20 }: SqsOptions): Queue {
  return {
    async receive(signal) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds, VisibilityTimeout: visibilitySeconds, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }), { abortSignal: signal });
      return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', Attributes }) => ({ id: MessageId, body: Buffer.from(Body, 'utf8'), handle: ReceiptHandle, received: Number(Attributes?.ApproximateReceiveCount ?? 1) }));
    },
    async keepFor(message, seconds) {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message.handle, VisibilityTimeout: Math.round(seconds) }));
    },
    async remove(message) {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.handle }));
    },
    async deadLetters() {
      if (deadLettersUrl === null) return null;
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['ApproximateNumberOfMessages'] }));
      return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
    },
  };
}
