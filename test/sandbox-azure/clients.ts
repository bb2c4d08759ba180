import { ResourceManagementClient } from '@azure/arm-resources';
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline';
import { ClientCertificateCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity';
import { Client, type Context, type Middleware } from '@microsoft/microsoft-graph-client';
import type { Azure } from '../../sandbox/azure';

/** The real libraries, told where the sandbox is and whose certificate it has. */
export const identityOptions = (azure: Azure) => ({ authorityHost: azure.loginUrl, disableInstanceDiscovery: true, tlsOptions: { ca: azure.ca }, retryOptions: { maxRetries: 0 } });

export const bySecret = (azure: Azure, app: { appId: string; secret: string } = azure.world.responder): TokenCredential =>
  new ClientSecretCredential(azure.tenantId, app.appId, app.secret, identityOptions(azure));

export const byCertificate = (azure: Azure, { appId, certificate }: Azure['world']['responder'] = azure.world.responder): TokenCredential =>
  new ClientCertificateCredential(azure.tenantId, appId, { certificate: `${certificate.privateKey}\n${certificate.certificate}` }, identityOptions(azure));

export const armOptions = (azure: Azure) => ({ endpoint: azure.armUrl, credentialScopes: `${azure.armUrl}/.default`, credentials: undefined, tlsOptions: { ca: azure.ca }, retryOptions: { maxRetries: 2, retryDelayInMs: 10 } });

export const resourcesClient = (azure: Azure, credential = bySecret(azure)): ResourceManagementClient => new ResourceManagementClient(credential, azure.subscriptions[0]!, armOptions(azure));

/** Sends what the Graph client made through Azure’s own HTTP pipeline, which takes a certificate authority. */
class Sender implements Middleware {
  private readonly http = createDefaultHttpClient();
  /** One object: the pipeline keeps its connections by it. */
  private readonly tls: { ca: string };

  constructor(private readonly azure: Azure, private readonly credential: TokenCredential, private readonly headers: Record<string, string>) {
    this.tls = { ca: azure.ca };
  }

  async execute(context: Context): Promise<void> {
    const url = typeof context.request === 'string' ? context.request : context.request.url;
    const token = await this.credential.getToken(`${this.azure.graphUrl}/.default`);
    const given = new Headers(context.options?.headers as Record<string, string>);
    const headers = createHttpHeaders({ ...Object.fromEntries(given.entries()), ...this.headers, authorization: `Bearer ${token!.token}` });
    const request = createPipelineRequest({ url, method: (context.options?.method ?? 'GET') as HttpMethods, headers, body: context.options?.body as string });
    request.tlsSettings = this.tls;
    const answer = await this.http.sendRequest(request);
    context.response = new Response(answer.status === 204 ? null : (answer.bodyAsText ?? ''), { status: answer.status, headers: answer.headers.toJSON() });
  }
}

export const graphClient = (azure: Azure, credential = bySecret(azure), headers: Record<string, string> = {}): Client =>
  Client.initWithMiddleware({ baseUrl: `${azure.graphUrl}/`, middleware: new Sender(azure, credential, headers) });
