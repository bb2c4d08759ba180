import { createSign } from 'node:crypto';

export const TOPIC = 'arn:aws:sns:us-east-1:210987654321:billing';
export const CERT = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem';
export type Message = Record<string, string>;

const ORDER = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** As SNS signs: the members of its kind of message in their order (SNS developer guide, verifying signatures). `key` in PEM. */
export function signedBy(key: string, message: Message, version: '1' | '2' = '2'): Message {
  const text = ORDER.filter((name) => name in message && (message['Type'] === 'Notification' ? !['SubscribeURL', 'Token'].includes(name) : name !== 'Subject')).map((name) => `${name}\n${message[name]}\n`).join('');
  return { ...message, SignatureVersion: version, SigningCertURL: CERT, Signature: createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text).sign(key, 'base64') };
}
