/**
 * The agent's HTTP/1.1 interface on Jetty's core: tokens first, then routes, then answers. One thread for each request,
 * from a bounded pool.
 */
package dev.hindsight.agent.http;
