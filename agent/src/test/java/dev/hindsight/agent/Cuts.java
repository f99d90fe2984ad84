package dev.hindsight.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP proxy that cuts each of its first connections after so many bytes of answer or of request. */
final class Cuts implements AutoCloseable {
    private final ServerSocket listener;
    private final int upstream;
    private final int cuts;
    private final long answerBytes;
    private final long requestBytes;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Cuts(int upstream, int cuts, long answerBytes, long requestBytes) throws IOException {
        this.upstream = upstream;
        this.cuts = cuts;
        this.answerBytes = answerBytes;
        this.requestBytes = requestBytes;
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        threads.execute(this::accept);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), upstream);
                open.add(client);
                open.add(server);
                boolean cut = connections.getAndIncrement() < cuts;
                threads.execute(() -> pass(client, server, cut ? requestBytes : Long.MAX_VALUE));
                threads.execute(() -> pass(server, client, cut ? answerBytes : Long.MAX_VALUE));
            }
        } catch (IOException e) {
            // Closed.
            return;
        }
    }

    private static void pass(Socket from, Socket to, long limit) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            long left = limit;
            for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
                out.write(buffer, 0, (int) Math.min(n, left));
                out.flush();
                left -= n;
                if (left <= 0) {
                    return;
                }
            }
        } catch (IOException e) {
            // The other direction has closed both.
            return;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }
}
