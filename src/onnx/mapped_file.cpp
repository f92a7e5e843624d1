#include "onnx/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace sardonyx {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status system_error(std::string_view path, int error) {
  return fail(Code::kFile, quoted(path), ": ", std::strerror(error));
}

std::string_view kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The path with every symbolic link followed; "" if it does not lead anywhere.
std::string real_path(const std::string& path) {
  char* p = ::realpath(path.c_str(), nullptr);
  std::string s = p ? p : "";
  std::free(p);
  return s;
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty()) return false;
  if (folder == "/") return true;
  return path.size() > folder.size() + 1 && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

Status check_name(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::kFile, "external data ", quoted(name), ": ", why);
  };
  if (name.empty()) return refuse("the file name is missing");
  if (name.size() >= PATH_MAX || name.find('\0') != name.npos) return refuse("this is not a file name");
  if (name[0] == '/' || name[0] == '\\' || name.find(':') == 1) return refuse("an absolute path is not allowed");
  for (size_t at = 0; at <= name.size();) {
    const size_t end = std::min(name.find_first_of("/\\", at), name.size());
    if (name.substr(at, end - at) == "..") return refuse("a path that leaves the model's folder is not allowed");
    at = end + 1;
  }
  return {};
}

}  // namespace

Result<BufferPtr> map_file(const std::string& path, bool may_be_link) {
  if (path.find('\0') != path.npos) return fail(Code::kFile, quoted(path), ": this is not a file name");
  // Not blocking: opening a pipe must not wait for a writer.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (may_be_link ? 0 : O_NOFOLLOW)));
  if (fd.get() < 0) return system_error(path, errno);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return system_error(path, errno);
  if (!S_ISREG(st.st_mode))
    return fail(Code::kFile, quoted(path), " is ", kind_of_file(st.st_mode), ", expected a file");
  const size_t size = static_cast<size_t>(st.st_size);
  if (size == 0) return Buffer::heap(0);
  void* p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (p == MAP_FAILED) return system_error(path, errno);
  return Buffer::wrap(p, size, [p, size] { ::munmap(p, size); });
}

Status write_file(const std::string& path, std::string_view bytes) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (fd.get() < 0) return system_error(path, errno);
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return system_error(path, errno);
    if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Result<BufferPtr> ExternalFiles::get(std::string_view name) {
  if (auto it = files_.find(std::string(name)); it != files_.end()) return it->second;
  SDX_RETURN_IF_ERROR(check_name(name));
  std::string key(name);
  SDX_TRY(BufferPtr bytes, open(key));
  return files_[std::move(key)] = std::move(bytes);
}

Result<BufferPtr> ExternalFiles::open(const std::string& name) const {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::kFile, "external data ", quoted(name), ": ", why);
  };
  if (forbidden_) return refuse("external data is switched off for this load");
  std::string folder = folder_;
  if (folder.empty() && !model_path_.empty()) folder = folder_of(model_path_);
  if (folder.empty())
    return refuse("the model came from memory, so its folder is not known").hint("give the folder in the load options");
  const std::string found = real_path(cat(folder, "/", name));
  if (found.empty()) return refuse(cat("there is no such file in the model's folder ", quoted(folder)));
  const bool inside = is_below(found, real_path(folder)) ||
                      (!model_path_.empty() && is_below(found, folder_of(real_path(model_path_))));
  if (!inside) return refuse("a link leads out of the model's folder, which is not allowed");
  return map_file(found, /*may_be_link=*/false);
}

}  // namespace sardonyx
