@echo off
rem Starts RLHF4J on Windows: builds what is missing, sets every JVM flag. The twin of ./rlhf4j.
setlocal EnableDelayedExpansion
set "HOME_DIR=%~dp0"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" -version >nul 2>&1 || (echo rlhf4j: no Java found; install a JDK, 17 or newer, and set JAVA_HOME 1>&2 & exit /b 1)
for /f "tokens=3" %%v in ('""%JAVA%" -version 2^>^&1" ^| findstr /i version') do set "VERSION=%%~v"
for /f "tokens=1 delims=.-+" %%m in ("%VERSION%") do set "FEATURE=%%m"
if %FEATURE% LSS 17 (echo rlhf4j: Java 17 or newer is needed, but this is %VERSION%; set JAVA_HOME to a newer JDK 1>&2 & exit /b 1)
set "LAUNCH=%HOME_DIR%pipeline\target\launch"
powershell -NoProfile -Command "$s='%LAUNCH%\stamp'; if (-not (Test-Path $s)) {exit 1}; $t=(Get-Item $s).LastWriteTimeUtc; $n=Get-ChildItem '%HOME_DIR%pom.xml','%HOME_DIR%*\pom.xml' ; $n+=Get-ChildItem -Recurse '%HOME_DIR%*\src\main'; if ($n | Where-Object {$_.LastWriteTimeUtc -gt $t -or $_.CreationTimeUtc -gt $t}) {exit 1}"
if errorlevel 1 (
  echo rlhf4j: building first ... 1>&2
  if not exist "%LAUNCH%" mkdir "%LAUNCH%"
  echo build> "%LAUNCH%\stamp.new"
  pushd "%HOME_DIR%"
  call mvnw.cmd -q -B -Dmaven.test.skip=true -Dspotless.check.skip=true -Dcheckstyle.skip=true -Denforcer.skip=true %RLHF4J_MAVEN_OPTS% -pl pipeline -am package > "%LAUNCH%\build.log" 2>&1
  if errorlevel 1 (popd & type "%LAUNCH%\build.log" 1>&2 & exit /b 1)
  popd
  move /y "%LAUNCH%\stamp.new" "%LAUNCH%\stamp" >nul
)
set /p LIBRARIES=<"%HOME_DIR%pipeline\target\class-path.txt"
for /f %%m in ('powershell -NoProfile -Command "[math]::Floor((Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory/1MB)"') do set "MIB=%%m"
set /a HEAP=MIB/8
if %HEAP% GTR 3072 set HEAP=3072
if %HEAP% LSS 384 set HEAP=384
set /a NATIVE=MIB*8/10
set /a PHYSICAL=MIB*9/10
set "CACHE=%LOCALAPPDATA%\rlhf4j"
if defined RLHF4J_CACHE_DIR set "CACHE=%RLHF4J_CACHE_DIR%"
set "OPT_OUT_TRACKING=true"
set "DJL_CACHE_DIR=%CACHE%\djl"
set "MODERN="
if %FEATURE% GEQ 24 set "MODERN=--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dguice_custom_class_loading=CHILD"
"%JAVA%" --add-modules jdk.incubator.vector -Xmx%HEAP%m -XX:+UseSerialGC -Dorg.bytedeco.javacpp.maxbytes=%NATIVE%m -Dorg.bytedeco.javacpp.maxphysicalbytes=%PHYSICAL%m "-Dorg.bytedeco.javacpp.cachedir=%CACHE%\javacpp" "-DDJL_CACHE_DIR=%CACHE%\djl" -DOPT_OUT_TRACKING=true -Dfile.encoding=UTF-8 %MODERN% %RLHF4J_JAVA_OPTS% -cp "%HOME_DIR%pipeline\target\pipeline.jar;%LIBRARIES%;%RLHF4J_CLASS_PATH%" io.github.rlhf4j.pipeline.cli.Main %*
exit /b %ERRORLEVEL%
