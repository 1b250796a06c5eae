// Prints the pid of each process that Falco's library finds in /proc, and the container id that it
// gives it; empty for a process of the host.
#include <libsinsp/sinsp.h>
#include <cstdio>

int main() {
  sinsp inspector;
  inspector.open_nodriver(true);
  inspector.m_thread_manager->get_threads()->loop([](sinsp_threadinfo& thread) {
    std::printf("%lld %s\n", static_cast<long long>(thread.m_pid), thread.m_container_id.c_str());
    return true;
  });
}
