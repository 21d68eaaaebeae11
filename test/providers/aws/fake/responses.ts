import type { IncomingMessage, ServerResponse } from 'node:http';
import { newId } from './account.js';
import type { Refusal } from './refusal.js';
import { escapeXml, toXml, type XmlValue } from './xml.js';

/** Which service a request is for is in its signature. */
export function serviceOf(request: IncomingMessage): string {
  const credential = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(
    request.headers.authorization ?? '',
  );
  return credential?.[1] ?? 'unsigned';
}

/** An answer as its service writes them. */
export function successOf(service: string, action: string, result: XmlValue): string {
  const name = action.slice(service.length + 1);
  const requestId = newId('request');
  if (service === 'ec2')
    return `<${name}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${toXml({ requestId }, 'item')}${toXml(result, 'item')}</${name}Response>`;
  const metadata = `<ResponseMetadata>${toXml({ RequestId: requestId }, 'member')}</ResponseMetadata>`;
  return `<${name}Response><${name}Result>${toXml(result, 'member')}</${name}Result>${metadata}</${name}Response>`;
}

/** A refusal as its service writes them. */
export function errorOf(service: string, { code, message, status }: Refusal): string {
  const error = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  if (service === 'ec2')
    return `<Response><Errors><Error>${error}</Error></Errors><RequestID>x</RequestID></Response>`;
  const type = status < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse><Error><Type>${type}</Type>${error}</Error><RequestId>x</RequestId></ErrorResponse>`;
}

export function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}
