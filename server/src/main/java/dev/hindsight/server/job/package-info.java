/** What takes long and is followed: jobs, run in lanes, remembered in a small directory across restarts. */
package dev.hindsight.server.job;
