/**
 * What every listening process of ours has in common: the socket and its threads, TLS, bearer tokens, paths. The agent and
 * the service build their own calls and documents on it. Nothing here knows what is served.
 */
package dev.hindsight.http;
